// TFRecord files: records with checksums one after another, found by number; read, unpacked and written.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/input_file.h"
#include "formats/deflate/byte_stream.h"

namespace batchwise {

// How the whole file is compressed: TensorFlow's options "", "GZIP" and "ZLIB". Found from the first bytes: a plain
// file starts with a length that agrees with its checksum. Throws Error(Input) when the file is none of the three.
Packing tfrecord_packing(const std::string& path);

// Records of a file by number. The lengths are checked against their checksums and the size of the file when it is
// opened, the contents against theirs whenever they are read. Thread-safe.
class TfRecords {
 public:
  // The records are the bytes [start, start + bytes) of the file; -1: to its end. Throws Error(Input) at damage.
  explicit TfRecords(const std::string& path, int64_t start = 0, int64_t bytes = -1);

  int64_t size() const { return static_cast<int64_t>(offsets_.size()) - 1; }
  int64_t bytes(int64_t i) const;               // of record i
  int64_t longest() const { return longest_; }  // bytes
  // Writes record i to `out`, which has room for bytes(i) + 4 (its checksum comes along). Throws Error(Run) when the
  // contents disagree with the checksum. Does not allocate otherwise.
  std::string_view read(int64_t i, char* out) const;
  std::string read(int64_t i) const;
  const std::string& path() const { return file_.path(); }

 private:
  InputFile file_;
  std::vector<int64_t> offsets_;  // of each record's length; last: behind the last record
  int64_t longest_ = 0;
};

class TfRecordWriter {
 public:
  explicit TfRecordWriter(const std::string& path) : file_(path) {}
  void append(std::string_view record);
  void commit() { file_.commit(); }  // before it, nothing is at `path`

 private:
  AtomicFile file_;
};

}  // namespace batchwise
