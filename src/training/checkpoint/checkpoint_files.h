// The checkpoint files of a folder, by step.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace batchwise {

std::string checkpoint_path(const std::string& directory, int64_t step);
// (step, path), newest first. Empty when the folder does not exist.
std::vector<std::pair<int64_t, std::string>> checkpoint_files(const std::string& directory);
// Removes what killed writers left. REQUIRES: no other process writes the folder.
void remove_unfinished_checkpoints(const std::string& directory);
// Keeps `step` and the newest before it.
void remove_other_checkpoints(const std::string& directory, int64_t step);

}  // namespace batchwise
