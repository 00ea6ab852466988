// NumPy's .npy files: one array each; read whole, described for streaming, written whole or row by row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <batchwise/array.h>

#include "base/atomic_file.h"

namespace batchwise {

struct NpyHeader {
  DType dtype = DType::Float32;
  Shape shape;                                                  // whole: (N, ...)
  bool swapped = false;                                         // the elements are big-endian
  bool fortran_order = false;                                   // the first dimension is the innermost
  bool in_order() const { return !swapped && !fortran_order; }  // as Array holds them
  int64_t data_offset = 0;                                      // bytes from the start of the .npy to the first element
  int64_t text_bytes = 0;                                       // of one element of dtype String: "<U5" has 20
  bool text_is_wide = false;                                    // of code points in 4 bytes each; else bytes
  int64_t data_bytes() const { return shape.count() * (dtype == DType::String ? text_bytes : size_of(dtype)); }
};

constexpr int64_t kMaxNpyHeader = 64 * 1024 + 12;  // bytes of a header that is accepted, magic included

// The header at the start of an .npy of `total_bytes` bytes. `start` holds its first min(total_bytes, kMaxNpyHeader)
// bytes. Throws Error(Input) unless the elements are numbers, bools or texts of one width and fill the file exactly.
// `where` names the file.
NpyHeader parse_npy_header(std::string_view start, int64_t total_bytes, std::string_view where);

// For streaming: where the elements are in order, row i of the file lies at data_offset + i * (bytes of a row). Texts
// are read whole only.
NpyHeader open_npy(const std::string& path);
Array read_npy(const std::string& path);
Array npy_texts(const NpyHeader& header, std::string_view bytes);  // of dtype String, as UTF-8
void swap_elements(Array& array);                                  // big-endian <-> little-endian, in place

// Elements as they lay in the file into C order and little-endian.
void put_in_order(const NpyHeader& header, Array& array);
// The .npy at `from` as one whose elements are in order, in constant memory; nothing is at `to` before it is whole.
void write_in_order(const std::string& from, const std::string& to);

std::string npy_header(DType dtype, const Shape& shape);  // version 1.0, padded so that the number of rows may grow
void write_npy(const std::string& path, const Array& array);

// Appends rows; the number of rows is written at the end.
class NpyWriter {
 public:
  NpyWriter(const std::string& path, DType dtype, const Shape& row_shape);
  void append(const void* rows, int64_t count);
  int64_t rows() const { return rows_; }
  void commit();                                  // before it, nothing is at `path`
  int64_t bytes() const { return file_.size(); }  // of the whole .npy
  void copy_to(AtomicFile& file);                 // in place of commit(): the whole .npy, at the end of `file`

 private:
  void write_header();

  AtomicFile file_;
  DType dtype_;
  Shape row_shape_;
  int64_t rows_ = 0;
};

}  // namespace batchwise
