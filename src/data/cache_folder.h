// Where what was unpacked or parsed once is kept: .npy files named by the identity of what they were made from.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace batchwise {

// $XDG_CACHE_HOME/batchwise, else ~/.cache/batchwise. Not created by asking.
std::string cache_folder();

// Paths of .npy files in the cache, one per purpose, made from the file at `source` (known by its resolved path, size
// and time of change) by `make` when any of them is missing or damaged. `make` must write each so that it appears whole
// or not at all; two processes may do so at once.
std::vector<std::string> cached(const std::string& source, const std::vector<std::string>& purposes,
                                const std::function<void(const std::vector<std::string>& paths)>& make);

}  // namespace batchwise
