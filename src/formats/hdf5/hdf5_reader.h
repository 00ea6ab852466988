// HDF5 files, read: groups and plain arrays of numbers by path.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <batchwise/error.h>
#include <batchwise/shape.h>

#include "formats/hdf5/hdf5_bytes.h"
#include "formats/hdf5/hdf5_global_heap.h"

namespace batchwise {

// Paths are "layers/dense/vars/0". Every component must be a hard link: external and soft links are refused wherever
// they stand. Arrays must lie whole in the file (no chunks, filters, external or virtual storage), have the size they
// state and the shape that is expected: nothing is read or reserved on a file's word alone. Errors are of kind Input
// and name file and path.
class Hdf5Reader {
 public:
  Hdf5Reader(std::unique_ptr<Hdf5Bytes> bytes, std::string where);
  explicit Hdf5Reader(const std::string& path);
  Hdf5Reader(Hdf5Reader&&) = default;

  bool has(const std::string& path) const;
  bool is_group(const std::string& path) const;
  std::vector<std::string> children(
      const std::string& group) const;  // names in the file's order; empty when there is no such group
  Shape shape_of(const std::string& array) const;
  // As NumPy names it, such as float32 or uint8; "text" and "other" for what is no number.
  std::string type_of(const std::string& array) const;
  int64_t stored_bytes(const std::string& array) const;
  // Floats and integers of any width, as float32. REQUIRES: out has expected.count() elements.
  void read_floats(const std::string& array, const Shape& expected, std::span<float> out) const;
  // The same; nothing is reserved before the file is known to hold as many. At most the size of the file together:
  // what lies in it once is not read many times over.
  std::vector<float> floats(const std::string& array, const Shape& expected) const;
  bool holds_integers(const std::string& array) const;
  int64_t read_integer(const std::string& array) const;  // one integer
  double read_number(const std::string& array) const;    // one float

  // Attributes of a group ("": the root). Nothing when absent.
  std::optional<std::string> text(const std::string& group, const std::string& name) const;
  // A list of texts; an empty one may be of any type. Keras splits long ones: name0, name1, ...
  std::optional<std::vector<std::string>> texts(const std::string& group, const std::string& name) const;

 private:
  enum class Kind { Group, Array, Any };
  Hdf5Handle open(const std::string& path, Kind wanted) const;  // invalid when absent
  Hdf5Handle open_array(const std::string& path) const;
  enum class Numbers { Floats, Integers };
  void read(const std::string& path, Numbers wanted, Hdf5Handle::Id type, void* out) const;
  enum class Texts { One, List };
  std::optional<std::vector<std::string>> attribute(const std::string& group, const std::string& name,
                                                    Texts wanted) const;
  template <class... Parts>
  [[noreturn]] void refuse(const std::string& path, const Parts&... parts) const {
    bytes_->throw_kept_error();
    fail(where_ + ":" + path, parts...);
  }

  int64_t check(const std::string& path, Numbers wanted) const;  // -> bytes of the array

  std::unique_ptr<Hdf5Bytes> bytes_;
  mutable int64_t bytes_read_ = 0;  // by floats()
  mutable Hdf5GlobalHeap heap_;
  std::string where_;
  Hdf5Handle file_;
};

}  // namespace batchwise
