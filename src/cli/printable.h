// Text of others, such as names of files, as a terminal may be shown it.
#pragma once

#include <string>
#include <string_view>

namespace batchwise {

// Spaces instead of control characters: those could end a line, or steer the terminal.
std::string printable(std::string_view text);
// The same of several lines, which stay lines.
std::string printable_lines(std::string_view text);

}  // namespace batchwise
