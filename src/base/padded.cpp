// Text in columns of one width.
#include "base/padded.h"

#include <algorithm>

namespace batchwise {

std::string padded(const std::string& text, size_t width, Aligned aligned) {
  const auto characters = std::count_if(text.begin(), text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; });
  const std::string spaces(width - std::min(width, static_cast<size_t>(characters)), ' ');
  return aligned == Aligned::Right ? spaces + text : text + spaces;
}

}  // namespace batchwise
