// A metric and a number, from one word.
#include "cli/target_choice.h"

#include <charconv>
#include <cmath>

#include <batchwise/error.h>

namespace batchwise {

std::optional<SweepTarget> read_target(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const size_t equals = text.find('=');
  double value = 0;
  const char* end = text.data() + text.size();
  bool read = equals != std::string::npos && equals > 0 && equals + 1 < text.size();
  if (read) {
    const auto [stop, error] = std::from_chars(text.data() + equals + 1, end, value);
    read = error == std::errc() && stop == end;
  }
  require(read && std::isfinite(value), "--reach",
          "the value must be a metric and a number, such as val_accuracy=0.95. Got \"", text, "\".");
  return SweepTarget{text.substr(0, equals), value, "as asked"};
}

}  // namespace batchwise
