// What a folder of images holds: counts, sizes, formats, classes, damaged files; as words, as JSON, as a picture.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <batchwise/config.h>

#include "data/class_folders.h"
#include "data/image_folder/image_check.h"

namespace batchwise {

struct FolderInspection {
  std::string folder;
  ClassFolders files;
  std::vector<FileState> states;
  std::vector<CheckedImage> images;       // one for each file
  std::set<int64_t> rgba;                 // numbers of files that give four channels but not three
  int64_t outside = 0;                    // images that lie in no class folder, or in a hidden one
  std::map<std::string, int64_t> others;  // files that are not taken for images, by ending
};

// Decodes every image. Throws Error(Input) for a folder without any.
FolderInspection inspect_images(const std::string& folder, bool follow_links);

std::string text_of(const FolderInspection& inspection);
Config config_of(const FolderInspection& inspection);
// A contact sheet as the bytes of a PNG: a row of small pictures for every class, damaged files left out.
std::string contact_sheet(const FolderInspection& inspection);

}  // namespace batchwise
