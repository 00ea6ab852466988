// What an AtomicFile leaves when its process is killed.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

// Removes from `folder` what was left of files of these names; of all where there are no names. One that cannot be
// removed costs space and harms nothing. REQUIRES: nobody is writing these files.
void remove_unfinished_files(const std::string& folder, const std::vector<std::string>& names = {});

}  // namespace batchwise
