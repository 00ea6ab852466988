// .npy files: read whole, described for streaming, written whole or row by row.
#include "formats/npy/npy.h"

#include <algorithm>

#include "base/input_file.h"

namespace batchwise {
namespace {

NpyHeader header_of(const InputFile& file) {
  std::string start(static_cast<size_t>(std::min(file.size(), kMaxNpyHeader)), '\0');
  file.read_at(0, start.data(), static_cast<int64_t>(start.size()));
  return parse_npy_header(start, file.size(), file.path());
}

}  // namespace

void swap_elements(Array& array) {
  const int64_t size = size_of(array.dtype());
  for (int64_t i = 0; i < array.count(); ++i) std::reverse(array.raw() + i * size, array.raw() + (i + 1) * size);
}

NpyHeader open_npy(const std::string& path) { return header_of(InputFile(path)); }

Array read_npy(const std::string& path) {
  const InputFile file(path);
  const NpyHeader header = header_of(file);
  if (header.dtype == DType::String) {
    std::string bytes(static_cast<size_t>(header.data_bytes()), '\0');
    file.read_at(header.data_offset, bytes.data(), header.data_bytes());
    return npy_texts(header, bytes);
  }
  Array array(header.dtype, header.shape);
  file.read_at(header.data_offset, array.raw(), header.data_bytes());
  put_in_order(header, array);
  return array;
}

void write_npy(const std::string& path, const Array& array) {
  AtomicFile file(path);
  file.write(npy_header(array.dtype(), array.shape()));
  file.write(array.raw(), array.bytes());
  file.commit();
}

NpyWriter::NpyWriter(const std::string& path, DType dtype, const Shape& row_shape)
    : file_(path), dtype_(dtype), row_shape_(row_shape) {
  file_.write(npy_header(dtype, row_shape.with_batch(0)));
}

void NpyWriter::append(const void* rows, int64_t count) {
  file_.write(rows, count * row_shape_.count() * size_of(dtype_));
  rows_ += count;
}

void NpyWriter::write_header() {
  const std::string header = npy_header(dtype_, row_shape_.with_batch(rows_));
  file_.write_at(0, header.data(), static_cast<int64_t>(header.size()));
}

void NpyWriter::commit() {
  write_header();
  file_.commit();
}

void NpyWriter::copy_to(AtomicFile& file) {
  write_header();
  std::vector<char> piece(64 * 1024);
  for (int64_t at = 0; at < file_.size();) {
    const int64_t n = std::min(static_cast<int64_t>(piece.size()), file_.size() - at);
    file_.read_at(at, piece.data(), n);
    file.write(piece.data(), n);
    at += n;
  }
}

}  // namespace batchwise
