// Values of a record that may be absent or damaged.
#include "report/html/lookup.h"

#include <algorithm>
#include <limits>

#include "report/html/quantity.h"

namespace batchwise {

const Config* part_of(const Config& record, std::string_view path) {
  const Config* part = &record;
  while (part && !path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    part = part->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return part && !part->is_null() ? part : nullptr;
}

std::optional<double> number_of(const Config& record, std::string_view path) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Config* part = part_of(record, path);
  if (!part) return std::nullopt;
  if (part->is_number()) return part->as_number();
  if (*part == Config("nan")) return std::numeric_limits<double>::quiet_NaN();
  if (*part == Config("inf")) return kInfinity;
  if (*part == Config("-inf")) return -kInfinity;
  return std::nullopt;
}

std::string text_of(const Config& record, std::string_view path) {
  const Config* part = part_of(record, path);
  return part && part->is_string() ? part->as_string() : "";
}

const Config::List& list_of(const Config& record, std::string_view path) {
  static const Config::List empty;
  const Config* part = part_of(record, path);
  return part && part->is_list() ? part->as_list() : empty;
}

bool flag_of(const Config& record, std::string_view path) {
  const Config* part = part_of(record, path);
  return part && part->is_bool() && part->as_bool();
}

std::string shown(const Config& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.as_string();
  if (value.is_int()) return value.text();
  if (value.is_number()) return show(value.as_number(), Unit::Number);
  if (value.is_list()) {
    std::string text;
    for (const Config& item : value.as_list()) text += (text.empty() ? "" : ", ") + shown(item);
    return text;
  }
  if (value.is_object()) {
    std::string text;
    for (const auto& [key, item] : value.as_object())
      if (const std::string part = shown(item); !part.empty() && part != "false")
        text += (text.empty() ? "" : ", ") + key + " " + part;
    return text;
  }
  return value.text();
}

}  // namespace batchwise
