// File names with values in them, in the forms of Python's format that such names use.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/python_float.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "ModelCheckpoint";

// `form` is what follows the colon: [0][width][.precision][type].
std::string formatted(const std::string& field, const std::string& form, double value, bool integer) {
  if (form.empty() && !integer) return python_float(value);
  size_t at = 0;
  const bool zeros = at < form.size() && form[at] == '0';
  int width = 0, precision = -1;
  const auto number = [&](int* out) {
    *out = 0;
    for (; at < form.size() && form[at] >= '0' && form[at] <= '9'; ++at)
      *out = std::min(1000, *out * 10 + (form[at] - '0'));
  };
  number(&width);
  if (at < form.size() && form[at] == '.') {
    ++at;
    number(&precision);
  }
  const char type = at < form.size() ? form[at++] : (integer ? 'd' : '\0');
  const bool fits = at == form.size() && width <= 60 && precision <= 60 &&
                    (type == 'd' ? integer && precision < 0
                                 : type == '\0' || std::string_view("feg").find(type) != std::string_view::npos);
  require(fits, kWhere, "a field of filepath must be like {epoch:02d} or {val_loss:.2f}. Got \"{", field, "}\".");
  char text[512];
  if (type == 'd') {
    std::snprintf(text, sizeof text, zeros ? "%0*lld" : "%*lld", width, static_cast<long long>(value));
  } else {
    char pattern[8] = {'%', '*', '.', '*', type, '\0'};
    if (zeros) std::snprintf(pattern, sizeof pattern, "%%0*.*%c", type ? type : 'g');
    if (!type) pattern[zeros ? 5 : 4] = 'g';
    std::snprintf(text, sizeof text, pattern, width, precision >= 0 ? precision : (type ? 6 : 17), value);
  }
  return text;
}

}  // namespace

std::string format_path(const std::string& pattern, int64_t epoch, const Logs& logs) {
  std::string path;
  for (size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if ((c == '{' || c == '}') && at + 1 < pattern.size() && pattern[at + 1] == c) {
      path += c;
      ++at;
      continue;
    }
    require(c != '}', kWhere, "braces of filepath must come in pairs. Got \"", pattern, "\".");
    if (c != '{') {
      path += c;
      continue;
    }
    const size_t end = pattern.find('}', at);
    require(end != std::string::npos, kWhere, "braces of filepath must come in pairs. Got \"", pattern, "\".");
    const std::string field = pattern.substr(at + 1, end - at - 1);
    const size_t colon = field.find(':');
    const std::string name = field.substr(0, colon), form = colon == std::string::npos ? "" : field.substr(colon + 1);
    if (name == "epoch" || name == "batch") {
      const double* batch = find_log(logs, "batch");
      require(name == "epoch" || batch, kWhere, "{batch} needs save_freq in batches. Got \"", pattern, "\".");
      path += formatted(field, form, name == "epoch" ? static_cast<double>(epoch) : *batch, true);
    } else {
      const double* value = find_log(logs, name);
      std::string known = "epoch";
      for (const auto& [log, unused] : logs) known += ", " + log;
      require(value != nullptr, kWhere, "a field of filepath must name one of: ", known, ". Got \"{", field, "}\".");
      path += formatted(field, form, *value, false);
    }
    at = end;
  }
  return path;
}

}  // namespace batchwise
