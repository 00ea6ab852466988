// Numbers as text.
#pragma once

#include <cstdint>
#include <string>

namespace batchwise {

std::string grouped_digits(int64_t number);  // "4,096"
std::string rounded_number(double number);   // to four digits: "0.001718", "42,970"

}  // namespace batchwise
