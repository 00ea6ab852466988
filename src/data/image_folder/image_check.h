// Finds the files of a folder that are no whole images, on all cores.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/image_folder/image_file.h"
#include "data/path_list.h"

namespace batchwise {

// Numbers of the files that cannot be decoded with so many channels, in order, and why.
std::vector<std::pair<int64_t, std::string>> damaged_images(const PathList& paths, const std::vector<FileState>& states,
                                                            int channels);

}  // namespace batchwise
