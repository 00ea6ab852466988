// What a file or run folder holds, in words.
#pragma once

#include <string>

namespace batchwise {

// The kind of a file is told by its contents, and by its ending where several kinds begin the same. Throws Error(Input)
// for what is not known.
std::string inspection(const std::string& path);

}  // namespace batchwise
