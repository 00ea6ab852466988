// Decodes every file of a list once, on all cores: which are whole images, and what the others are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/image_folder/image_file.h"
#include "data/path_list.h"

namespace batchwise {

struct CheckedImage {
  ImageFacts facts;
  std::string damage;  // why it cannot be read; empty: it is whole
};

// One for each path. Throws only for what no file is to blame for: memory.
std::vector<CheckedImage> check_images(const PathList& paths, const std::vector<FileState>& states, int channels);

}  // namespace batchwise
