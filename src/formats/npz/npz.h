// NumPy's .npz files: several named arrays in a ZIP archive.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <batchwise/array.h>

#include "base/atomic_file.h"
#include "formats/npy/npy.h"
#include "formats/zip/zip_reader.h"

namespace batchwise {

// One array of an archive, as described by its header.
struct NpzMember {
  std::string name;         // without ".npy"
  NpyHeader header;         // data_offset counts from the start of the .npy
  bool stored = true;       // not compressed: its rows can be read where they lie
  int64_t file_offset = 0;  // stored members: of the first element in the archive
};

class NpzReader {
 public:
  explicit NpzReader(
      const std::string& path);  // reads the headers; throws Error(Input) naming a member that is no array

  const std::vector<NpzMember>& members() const { return members_; }
  const NpzMember* find(std::string_view name) const;  // null when absent
  const NpzMember& at(std::string_view name) const;    // throws, naming what is there
  Array read(std::string_view name) const;

  // The member as an .npy file at `path`, unpacked in constant memory and verified; nothing is at `path` before it is
  // whole.
  void unpack(const NpzMember& member, const std::string& path) const;

 private:
  const ZipMember& zip_member(const NpzMember& member) const;

  ZipReader zip_;
  std::vector<NpzMember> members_;
};

// Several arrays that are written row by row beside one another, in constant memory: each lies in a temporary file
// beside the archive until commit(). Before it, nothing is at `path`.
class NpzWriter {
 public:
  explicit NpzWriter(const std::string& path) : file_(path) {}
  void add(const std::string& name, DType dtype, const Shape& row_shape);
  void append(size_t array, const void* rows, int64_t count);  // `array`: by the order of add()
  void commit();

 private:
  struct Member {
    std::string name;
    std::unique_ptr<NpyWriter> rows;
  };
  AtomicFile file_;
  std::vector<Member> members_;
};

// Stored, so that rows can be streamed from it.
void write_npz(const std::string& path, const std::vector<std::pair<std::string, Array>>& arrays);

}  // namespace batchwise
