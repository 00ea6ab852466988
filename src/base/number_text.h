// Numbers as text.
#pragma once

#include <cstdint>
#include <string>

namespace batchwise {

std::string grouped_digits(int64_t number);  // "4,096"

}  // namespace batchwise
