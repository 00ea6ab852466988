// What callbacks remember, as bytes: fixed-size values one after another.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <batchwise/error.h>

namespace batchwise {

class StateWriter {
 public:
  template <class T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put_bytes(const void* data, size_t bytes) { bytes_.append(static_cast<const char*>(data), bytes); }
  void reserve(size_t bytes) { bytes_.reserve(bytes); }  // growing would hold twice as much for a moment
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Throws an Error when the bytes end too early: they are of another version.
class StateReader {
 public:
  StateReader(std::string_view bytes, std::string_view where) : bytes_(bytes), where_(where) {}
  template <class T>
  T get() {
    T value{};
    get_bytes(&value, sizeof value);
    return value;
  }
  void get_bytes(void* data, size_t bytes) {
    require(bytes <= bytes_.size(), where_,
            "the state kept in the checkpoint must be of this version. Got one that is too short.");
    std::memcpy(data, bytes_.data(), bytes);
    bytes_.remove_prefix(bytes);
  }
  size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  std::string_view where_;
};

}  // namespace batchwise
