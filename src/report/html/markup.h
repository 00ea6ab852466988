// Text within HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace batchwise {

// For content and for attribute values in double quotes. What is no UTF-8 or may not stand in XML becomes U+FFFD.
std::string escaped(std::string_view text);

// A coordinate: at most two decimals, never "nan".
std::string coordinate(double value);

}  // namespace batchwise
