// A walk over the bytes of a structure of an HDF5 file: little-endian numbers, and never past the end.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_bytes.h"

namespace batchwise {

class Hdf5Fields {
 public:
  // REQUIRES: the bytes outlive the walk.
  Hdf5Fields(std::string_view bytes, std::string_view where) : rest_(bytes), where_(where) {}

  uint64_t left() const { return rest_.size(); }
  std::string_view take(uint64_t bytes) {
    if (bytes > rest_.size()) damaged(where_);
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view take_padded(uint64_t bytes) {  // to a multiple of 8
    const std::string_view taken = take(bytes);
    take(std::min<uint64_t>(left(), (8 - bytes % 8) % 8));
    return taken;
  }
  uint64_t number(int bytes) {
    uint64_t value = 0;
    const std::string_view taken = take(static_cast<uint64_t>(bytes));
    for (int i = 0; i < bytes; ++i) value |= uint64_t{static_cast<unsigned char>(taken[i])} << (8 * i);
    return value;
  }

  [[noreturn]] static void damaged(std::string_view where) {
    fail(std::string(where), "the attribute must be readable. Got a damaged file.");
  }

 private:
  std::string_view rest_, where_;
};

// Bytes of the file, or Error(Input): nothing is reserved beyond its end.
inline std::string hdf5_part(Hdf5Bytes& bytes, uint64_t offset, uint64_t size, std::string_view where) {
  const uint64_t whole = static_cast<uint64_t>(bytes.size());
  if (offset > whole || size > whole - offset) Hdf5Fields::damaged(where);
  std::string part(size, '\0');
  if (size > 0) bytes.read_at(static_cast<int64_t>(offset), part.data(), static_cast<int64_t>(size));
  return part;
}

}  // namespace batchwise
