// UTF-8 as JSON needs it: what is well formed, and what stands for the rest.
#pragma once

#include <cstddef>
#include <string_view>

#include <batchwise/config.h>

namespace batchwise {

inline constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

// Bytes of the character that `text` begins with; 0 when it begins with none that is well formed.
size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

// Throws Error(Input) where a string or a key of `value` is not UTF-8: Config::text() would write another in its place,
// and what is read back would not be what was kept. `where` starts the message, `cure` ends it.
void require_utf8(const Config& value, std::string_view where, std::string_view cure);

}  // namespace batchwise
