// Lower case by Unicode, as Python's str.lower() has it.
#pragma once

#include <string>
#include <string_view>

namespace batchwise {

// Bytes that are no UTF-8 stay as they are.
std::string lower_case(std::string_view text);

}  // namespace batchwise
