// The bytes of a file in order, unpacked when the file is compressed by gzip or zlib.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace batchwise {

enum class Packing { None, Gzip, Zlib };

// Gzip by its magic; otherwise None: zlib's frame has no magic that data of another kind could not start with.
Packing packing_of(const std::string& path);

class ByteStream {
 public:
  explicit ByteStream(const std::string& path) : ByteStream(path, packing_of(path)) {}
  ByteStream(const std::string& path, Packing packing);
  ~ByteStream();
  bool compressed() const;
  int64_t read(void* data, int64_t bytes);  // how many came: fewer than asked for only at the end
 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace batchwise
