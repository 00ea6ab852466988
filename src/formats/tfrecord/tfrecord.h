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

// Where the records of a file lie. The lengths are checked against their checksums and the size of the file when it is
// made, the contents against theirs whenever they were read.
class TfRecordIndex {
 public:
  // The records are the bytes [start, start + bytes) of the file; -1: to its end. Throws Error(Input) at damage.
  explicit TfRecordIndex(const InputFile& file, int64_t start = 0, int64_t bytes = -1);

  static constexpr int64_t kChecksum = 4;  // bytes that follow the contents of a record
  int64_t size() const { return static_cast<int64_t>(offsets_.size()) - 1; }
  int64_t bytes(int64_t i) const;               // of the contents of record i
  int64_t offset(int64_t i) const;              // of their first
  int64_t longest() const { return longest_; }  // bytes
  // The contents of record i, of what was read from offset(i): bytes(i) + kChecksum. Throws Error(Run) when the
  // contents disagree with the checksum.
  std::string_view checked(int64_t i, const char* read) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<int64_t> offsets_;  // of each record's length; last: behind the last record
  int64_t longest_ = 0;
};

// Records of a file that stays open, by number. Thread-safe.
class TfRecords {
 public:
  // As TfRecordIndex has them.
  explicit TfRecords(const std::string& path, int64_t start = 0, int64_t bytes = -1)
      : file_(path), index_(file_, start, bytes) {}
  int64_t size() const { return index_.size(); }
  int64_t bytes(int64_t i) const { return index_.bytes(i); }
  int64_t longest() const { return index_.longest(); }
  // Writes record i to `out`, which has room for bytes(i) + 4 (its checksum comes along). Does not allocate.
  std::string_view read(int64_t i, char* out) const;
  std::string read(int64_t i) const;
  const std::string& path() const { return file_.path(); }

 private:
  InputFile file_;
  TfRecordIndex index_;
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
