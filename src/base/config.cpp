// Configs: typed access with messages that name the place, and compact JSON text.
#include <batchwise/config.h>

#include <charconv>
#include <cmath>
#include <cstdio>

#include <batchwise/error.h>

#include "base/utf8.h"

namespace batchwise {
namespace {

// No reader takes ill-formed UTF-8: U+FFFD stands for every byte of it. What must be read back the same is refused
// before, by require_utf8.
void write_string(const std::string& value, std::string& out) {
  out += '"';
  for (size_t i = 0, length = 1; i < value.size(); i += length) {
    const char c = value[i];
    length = 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char code[8];
      std::snprintf(code, sizeof code, "\\u%04x", c);
      out += code;
    } else if (const size_t known = utf8_length(std::string_view(value).substr(i)); known > 0) {
      length = known;
      out.append(value, i, length);
    } else {
      out += kReplacement;
    }
  }
  out += '"';
}

void write_number(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";  // Python's json
    return;
  }
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  const std::string digits(text, end);
  out += digits;
  if (digits.find_first_of(".e") == std::string::npos) out += ".0";
}

std::string clipped(const Config& value) {
  std::string text = value.text();
  return text.size() > 200 ? text.substr(0, 200) + "..." : text;
}

}  // namespace

Config::Config(float value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  double wide = value;
  std::from_chars(text, end, wide);
  value_ = wide;
}

Config::Config(const std::vector<int64_t>& values) {
  List list;
  for (int64_t v : values) list.emplace_back(v);
  value_ = std::move(list);
}

bool Config::as_bool(std::string_view path) const {
  require(is_bool(), path, "the value must be true or false. Got ", clipped(*this), ".");
  return std::get<bool>(value_);
}

int64_t Config::as_int(std::string_view path) const {
  if (is_int()) return std::get<int64_t>(value_);
  const double* number = std::get_if<double>(&value_);
  require(number && *number == std::floor(*number) && std::fabs(*number) < 0x1p62, path,
          "the value must be an integer. Got ", clipped(*this), ".");
  return static_cast<int64_t>(*number);
}

double Config::as_number(std::string_view path) const {
  if (is_int()) return static_cast<double>(std::get<int64_t>(value_));
  require(is_number(), path, "the value must be a number. Got ", clipped(*this), ".");
  return std::get<double>(value_);
}

const std::string& Config::as_string(std::string_view path) const {
  require(is_string(), path, "the value must be a string. Got ", clipped(*this), ".");
  return std::get<std::string>(value_);
}

const Config::List& Config::as_list(std::string_view path) const {
  require(is_list(), path, "the value must be a list. Got ", clipped(*this), ".");
  return std::get<List>(value_);
}

const Config::Object& Config::as_object(std::string_view path) const {
  require(is_object(), path, "the value must be an object. Got ", clipped(*this), ".");
  return std::get<Object>(value_);
}

Config::Object& Config::as_object(std::string_view path) {
  static_cast<const Config*>(this)->as_object(path);
  return std::get<Object>(value_);
}

const Config* Config::find(std::string_view key) const {
  if (!is_object()) return nullptr;
  for (const Entry& entry : std::get<Object>(value_))
    if (entry.first == key) return &entry.second;
  return nullptr;
}

const Config& Config::at(std::string_view key) const {
  const Config* value = find(key);
  require(value != nullptr, key, "the key \"", key, "\" must be present. Got ", clipped(*this), ".");
  return *value;
}

void Config::set(std::string_view key, Config value) {
  if (is_null()) value_ = Object{};
  for (Entry& entry : as_object())
    if (entry.first == key) {
      entry.second = std::move(value);
      return;
    }
  as_object().emplace_back(std::string(key), std::move(value));
}

void Config::erase(std::string_view key) {
  if (is_object()) std::erase_if(std::get<Object>(value_), [&](const Entry& entry) { return entry.first == key; });
}

bool Config::get(std::string_view key, bool otherwise) const {
  const Config* value = find(key);
  return value && !value->is_null() ? value->as_bool(key) : otherwise;
}

int64_t Config::get(std::string_view key, int64_t otherwise) const {
  const Config* value = find(key);
  return value && !value->is_null() ? value->as_int(key) : otherwise;
}

double Config::get(std::string_view key, double otherwise) const {
  const Config* value = find(key);
  return value && !value->is_null() ? value->as_number(key) : otherwise;
}

std::string Config::get(std::string_view key, const char* otherwise) const {
  const Config* value = find(key);
  return value && !value->is_null() ? value->as_string(key) : otherwise;
}

std::vector<int64_t> Config::get_ints(std::string_view key, int count, int64_t otherwise) const {
  const Config* value = find(key);
  if (!value || value->is_null()) return std::vector<int64_t>(count, otherwise);
  if (!value->is_list()) return std::vector<int64_t>(count, value->as_int(key));
  std::vector<int64_t> all;
  for (const Config& item : value->as_list(key)) all.push_back(item.as_int(key));
  require(static_cast<int>(all.size()) == count, key, "the value must be one integer or a list of ", count, ". Got ",
          clipped(*value), ".");
  return all;
}

std::string Config::text() const {
  std::string out;
  if (is_null()) out = "null";
  else if (is_bool()) out = std::get<bool>(value_) ? "true" : "false";
  else if (is_int()) out = std::to_string(std::get<int64_t>(value_));
  else if (is_number()) write_number(std::get<double>(value_), out);
  else if (is_string()) write_string(std::get<std::string>(value_), out);
  else if (is_list()) {
    for (const Config& item : std::get<List>(value_)) out += (out.empty() ? "[" : ", ") + item.text();
    out += out.empty() ? "[]" : "]";
  } else {
    for (const auto& [key, item] : std::get<Object>(value_)) {
      out += out.empty() ? "{" : ", ";
      write_string(key, out);
      out += ": " + item.text();
    }
    out += out.empty() ? "{}" : "}";
  }
  return out;
}

Spec spec_of(const Config& value, std::string_view path) {
  if (value.is_null()) return {};
  if (value.is_string()) return Spec(value.as_string());
  const Config* name = value.is_object() ? value.find("class_name") : nullptr;
  require(name != nullptr, path, "the value must be a name or an object with class_name and config. Got ",
          clipped(value), ".");
  const Config* config = value.find("config");
  if (name->is_string() && name->as_string() == "function" && config && config->is_string())
    return Spec(config->as_string());
  require(!config || config->is_null() || config->is_object(), path, "config must be an object. Got ", clipped(value),
          ".");
  return Spec(name->as_string(path), config && !config->is_null() ? *config : Config(Config::Object{}));
}

Config config_of(const Spec& spec) {
  if (spec.empty()) return {};
  return Config::object({{"class_name", spec.class_name}, {"config", spec.config}});
}

}  // namespace batchwise
