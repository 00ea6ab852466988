// ZIP archives, written: stored members in the order given, in the form that Python's zipfile writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"

namespace batchwise {

// No flags, no compression, dates of 1980-01-01 (so that the same contents give the same bytes); ZIP64 only where sizes
// need it. The archive is whole after finish(); the caller commits the file.
class ZipWriter {
 public:
  explicit ZipWriter(AtomicFile& file) : file_(file) {}

  void add(const std::string& name, std::string_view contents);

  // A member in pieces: begin, then anything written to the file at and after data_offset(), then end. When `bytes` may
  // pass 4 GiB, `large` must be true.
  void begin(const std::string& name, bool large);
  int64_t data_offset() const { return data_offset_; }
  void end();  // reads the contents back for their checksum
  void finish();

 private:
  struct Entry {
    std::string name;
    uint32_t crc;
    int64_t bytes, header_offset;
  };
  std::string local_header(const Entry& entry) const;

  AtomicFile& file_;
  std::vector<Entry> entries_;
  int64_t data_offset_ = 0;
  bool large_ = false;
};

}  // namespace batchwise
