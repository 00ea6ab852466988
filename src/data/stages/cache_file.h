// Elements that are made once and kept in a file.
#pragma once

#include <memory>
#include <string>

#include <batchwise/stage.h>

namespace batchwise {

// The file appears whole when the first pass has come to its end; a pass that is broken off leaves none. Two runs may
// fill it at once: each writes beside it, the last to finish puts its own in place. A file that was made of other
// elements (other components, or another number of them where it is known) is refused, a damaged one too.
std::shared_ptr<const Stage> cached_in_file(std::shared_ptr<const Stage> before, const std::string& path);

}  // namespace batchwise
