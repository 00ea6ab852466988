// Refuses arguments that would be ignored: every key of a config must be one that its reader knows.
#pragma once

#include <initializer_list>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

// Keras writes "dtype" and "name" into most configs; list "name" where it is read, "dtype" is accepted when it says
// float32 or nothing.
void require_known_keys(const Config& config, std::string_view where, std::initializer_list<std::string_view> known);

}  // namespace batchwise
