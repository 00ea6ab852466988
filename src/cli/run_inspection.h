// What the folder of a run, a tune or a sweep holds, in words.
#pragma once

#include <string>

namespace batchwise {

bool is_run(const std::string& folder);  // or a tune or a sweep
// REQUIRES: is_run(folder). Throws Error(Input) where its record is damaged.
std::string inspect_run(const std::string& folder);

}  // namespace batchwise
