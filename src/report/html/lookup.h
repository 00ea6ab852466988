// Values of a record that may be absent or damaged: reading them never throws.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

// `path`: keys with dots, "plan.peak_bytes". Null when any of them is absent or null.
const Config* part_of(const Config& record, std::string_view path);

std::optional<double> number_of(const Config& record, std::string_view path);  // also "nan", "inf", "-inf"
std::string text_of(const Config& record, std::string_view path);              // "" when it is no text
const Config::List& list_of(const Config& record, std::string_view path);      // empty when it is no list
bool flag_of(const Config& record, std::string_view path);                     // false when it is not true

// A value in a table: "adam", "32", "true"; of lists and objects what is in them.
std::string shown(const Config& value);

}  // namespace batchwise
