// The file of a sample cache: rows at fixed offsets, with checksums. See format.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/input_file.h"

namespace batchwise {

struct SampleFileLayout {
  std::string identity;  // of the source
  int64_t rows = 0;
  std::vector<int64_t> column_bytes;  // of a row

  int64_t stride() const;  // bytes from row to row
  int64_t column_offset(int column) const;
  int64_t offset(int64_t row, int column) const;
  int64_t checksums_offset() const;
  int64_t file_bytes() const;
  std::string header() const;
};

// A complete file. Thread-safe; reading does not allocate.
class SampleFile {
 public:
  // Null when there is no file at `path`, or one of something else.
  static std::unique_ptr<SampleFile> open(const std::string& path, const SampleFileLayout& layout);
  void read(int64_t row, int column, void* out) const;  // throws Error(Run) when the bytes are not those written

 private:
  SampleFile(InputFile file, const SampleFileLayout& layout);
  InputFile file_;
  SampleFileLayout layout_;
  std::vector<uint64_t> checksums_;
};

// A file that is being filled, by any thread in any order; it appears at its path when it is complete.
class SampleFileWriter {
 public:
  // Throws Error(Input) when the disk has no room for the whole file.
  SampleFileWriter(const std::string& path, const SampleFileLayout& layout);
  void write(int64_t row, int column, const void* data);  // once for each
  void read(int64_t row, int column, void* out) const;    // REQUIRES: it was written
  void commit();                                          // REQUIRES: all were written

 private:
  AtomicFile file_;
  SampleFileLayout layout_;
  std::vector<uint64_t> checksums_;
};

}  // namespace batchwise
