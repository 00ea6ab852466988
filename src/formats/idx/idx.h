// IDX files, the form of MNIST: one array of big-endian elements, plain or gzip-compressed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <batchwise/array.h>

namespace batchwise {

struct IdxHeader {
  DType dtype = DType::UInt8;
  Shape shape;              // whole: (N, ...)
  int64_t data_offset = 0;  // bytes from the start of the (unpacked) file to the first element
  bool compressed = false;  // gzip: rows cannot be read where they lie
  int64_t data_bytes() const { return shape.count() * size_of(dtype); }
};

constexpr int64_t kMaxIdxHeader = 4 + 4 * Shape::kMaxRank;  // bytes

// `start` holds the first min(total_bytes, kMaxIdxHeader) bytes of an uncompressed file of `total_bytes` bytes; -1 when
// its length is not known. Throws Error(Input) unless the file is an IDX file of exactly the size its header states.
IdxHeader parse_idx_header(std::string_view start, int64_t total_bytes, std::string_view where);

// What the file holds. Compressed files are recognised by their contents, not their name; only their start is read.
IdxHeader open_idx(const std::string& path);
Array read_idx(const std::string& path);

// A compressed or plain file as .npy with little-endian elements, in constant memory; nothing is at `npy_path` before
// it is whole.
void unpack_idx(const std::string& path, const std::string& npy_path);

}  // namespace batchwise
