// Text in columns of one width.
#pragma once

#include <cstddef>
#include <string>

namespace batchwise {

enum class Aligned { Left, Right };

// As many characters of UTF-8, at least, as `width`.
std::string padded(const std::string& text, size_t width, Aligned aligned);

}  // namespace batchwise
