// JSON text <-> Config, as Python's json writes it: NaN and Infinity included.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

struct JsonLimits {
  int64_t bytes = int64_t{64} << 20;  // of text
  int depth = 128;                    // lists and objects within each other
  int64_t values = 4'000'000;         // of all kinds: bounds the memory of the result
};

// `where` (a file name) starts the message of every error; errors of syntax name the byte, counted from 1.
// Whole numbers stay integers while they fit 64 bits; keys of one object must be unique.
Config parse_json(std::string_view text, std::string_view where, const JsonLimits& limits = {});
Config read_json(const std::string& path, const JsonLimits& limits = {});

// Two spaces per level, lists of plain values on one line, a line feed at the end. The compact form is Config::text().
std::string indented_json(const Config& value);

}  // namespace batchwise
