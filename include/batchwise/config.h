// The arguments of layers, losses, optimizers, ... as a value: what Keras keeps in config.json.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace batchwise {

// A JSON-like value. Objects keep the order of their keys. Typed access throws an Error that names the path, the rule
// and the value: `[dense.units] must be an integer. Got "abc".`
class Config {
 public:
  using List = std::vector<Config>;
  using Entry = std::pair<std::string, Config>;
  using Object = std::vector<Entry>;

  Config() = default;  // null
  Config(std::nullptr_t) {}
  Config(bool value) : value_(value) {}
  Config(int value) : value_(static_cast<int64_t>(value)) {}
  Config(int64_t value) : value_(value) {}
  Config(double value) : value_(value) {}
  Config(float value);  // the shortest decimal that reads back as this float
  Config(const char* value) : value_(std::string(value)) {}
  Config(std::string value) : value_(std::move(value)) {}
  Config(std::string_view value) : value_(std::string(value)) {}
  Config(List value) : value_(std::move(value)) {}
  Config(Object value) : value_(std::move(value)) {}
  Config(const std::vector<int64_t>& values);
  static Config object(std::initializer_list<Entry> entries) { return Config(Object(entries)); }

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_int() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_int() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_list() const { return std::holds_alternative<List>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // `path` only serves the message.
  bool as_bool(std::string_view path = "config") const;
  int64_t as_int(std::string_view path = "config") const;  // also a float without a fraction
  double as_number(std::string_view path = "config") const;
  const std::string& as_string(std::string_view path = "config") const;
  const List& as_list(std::string_view path = "config") const;
  const Object& as_object(std::string_view path = "config") const;
  Object& as_object(std::string_view path = "config");

  const Config* find(std::string_view key) const;  // null when absent or not an object
  const Config& at(std::string_view key) const;    // throws when absent
  void set(std::string_view key, Config value);    // replaces or appends; null becomes an object
  void erase(std::string_view key);

  // The value at `key`, or `otherwise` when it is absent or null.
  bool get(std::string_view key, bool otherwise) const;
  int64_t get(std::string_view key, int64_t otherwise) const;
  int64_t get(std::string_view key, int otherwise) const { return get(key, static_cast<int64_t>(otherwise)); }
  double get(std::string_view key, double otherwise) const;
  std::string get(std::string_view key, const char* otherwise) const;
  // A list of `count` integers; one integer n stands for (n, n, ...).
  std::vector<int64_t> get_ints(std::string_view key, int count, int64_t otherwise) const;

  std::string text() const;  // compact JSON

  friend bool operator==(const Config&, const Config&) = default;

 private:
  // Never held. libstdc++ takes a variant of standard types alone for one that always has a value, and destroys what
  // was never made when a copy runs out of memory; a type of our own makes it look first.
  struct Nothing {
    Nothing(const Nothing&) noexcept {}
    Nothing& operator=(const Nothing&) noexcept { return *this; }
    friend bool operator==(const Nothing&, const Nothing&) { return true; }
  };
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Object, Nothing> value_;
};

// A thing that a registry can make: Keras's class name and its arguments. What a file states is what is built.
struct Spec {
  std::string class_name;
  Config config = Config(Config::Object{});

  Spec() = default;
  Spec(const char* name) : class_name(name) {}
  Spec(std::string name, Config arguments = Config(Config::Object{}))
      : class_name(std::move(name)), config(std::move(arguments)) {}
  bool empty() const { return class_name.empty(); }
  friend bool operator==(const Spec&, const Spec&) = default;
};

// Specs and their form in Keras's files: a plain name, {"class_name": ..., "config": {...}}, or a function as
// {"class_name": "function", "config": name}. Null is the empty Spec.
Spec spec_of(const Config& value, std::string_view path);
Config config_of(const Spec& spec);

}  // namespace batchwise
