// An .npy file as an Array that reads the file's pages where they lie.
#pragma once

#include <batchwise/batchwise.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

namespace bench {

// Mapped until the process ends. Knows what inputs.py writes: version 1 headers, C order, float32, int32 and uint8.
inline batchwise::Array read_npy(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY);
  struct stat facts {};
  batchwise::require(file >= 0 && fstat(file, &facts) == 0, "read_npy", "the file must be readable. Got ", path, ".");
  const size_t bytes = static_cast<size_t>(facts.st_size);
  const auto* begin = static_cast<const unsigned char*>(mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, file, 0));
  ::close(file);
  const size_t header_bytes = begin[8] + 256u * begin[9];
  const std::string header(reinterpret_cast<const char*>(begin) + 10, header_bytes);

  std::vector<int64_t> dims;
  const size_t open = header.find('(');
  const std::string list = header.substr(open + 1, header.find(')') - open - 1);
  for (size_t at = 0; at < list.size();) {
    size_t used = 0;
    dims.push_back(std::stoll(list.substr(at), &used));
    at = list.find_first_of("0123456789", at + used);
    if (at == std::string::npos) break;
  }
  const batchwise::Shape shape{std::span<const int64_t>(dims)};
  const unsigned char* data = begin + 10 + header_bytes;
  if (header.find("'<f4'") != std::string::npos)
    return batchwise::Array::view(reinterpret_cast<const float*>(data), shape);
  if (header.find("'<i4'") != std::string::npos)
    return batchwise::Array::view(reinterpret_cast<const int32_t*>(data), shape);
  batchwise::require(header.find("'|u1'") != std::string::npos, "read_npy", "the type must be <f4, <i4 or |u1. Got ",
                     header, ".");
  return batchwise::Array::view(data, shape);
}

}  // namespace bench
