// The bytes of a file in order, unpacked when the file is gzip-compressed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace batchwise {

class ByteStream {
 public:
  explicit ByteStream(const std::string& path);
  ~ByteStream();
  bool compressed() const;
  int64_t read(void* data, int64_t bytes);  // how many came: fewer than asked for only at the end
 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace batchwise
