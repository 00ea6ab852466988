// What a folder of texts holds: counts, sizes, lengths, vocabulary, classes, empty and damaged files.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/config.h>

#include "data/class_folders.h"

namespace batchwise {

struct DamagedText {
  std::string path, reason;
};

struct TextInspection {
  std::string folder;
  ClassFolders files;
  int64_t bytes = 0;
  std::vector<int64_t> lengths;  // words of every text that can be read, rising
  int64_t words = 0;             // different ones, as TextVectorization standardises and splits
  std::vector<std::string> frequent;
  std::vector<std::string> empty;    // paths of texts without a word
  std::vector<DamagedText> damaged;  // cannot be read, or are no UTF-8
};

// Reads every text. Throws Error(Input) for a folder without any.
TextInspection inspect_texts(const std::string& folder, bool follow_links);

std::string text_of(const TextInspection& inspection);
Config config_of(const TextInspection& inspection);

}  // namespace batchwise
