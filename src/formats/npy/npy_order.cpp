// Elements of .npy files put into C order and little-endian: in memory, or from file to file.
#include <algorithm>
#include <cstring>
#include <vector>

#include "base/input_file.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

constexpr int64_t kBlockBytes = 4 << 20;  // of rows that are put in order at a time

// Where the elements of a row in the file's order, its second dimension innermost, lie in a row of an Array.
class Places {
 public:
  explicit Places(const Shape& row) : row_(row), index_(static_cast<size_t>(row.rank()), 0) {}
  int64_t operator*() const {
    int64_t place = 0;
    for (int d = 0; d < row_.rank(); ++d) place = place * row_[d] + index_[static_cast<size_t>(d)];
    return place;
  }
  void operator++() {
    for (int d = 0; d < row_.rank(); ++d) {
      if (++index_[static_cast<size_t>(d)] < row_[d]) return;
      index_[static_cast<size_t>(d)] = 0;
    }
  }

 private:
  const Shape& row_;
  std::vector<int64_t> index_;
};

// Rows of a file in Fortran order, into C order. `take(element, bytes)` gives elements as they lie there.
template <class Take>
void transpose_rows(const NpyHeader& header, int64_t first, int64_t count, std::byte* out, const Take& take) {
  const int64_t size = size_of(header.dtype), rows = header.shape[0];
  const Shape row = header.shape.without_batch();
  Places place(row);
  for (int64_t i = 0; i < row.count(); ++i, ++place) {
    const std::byte* from = take(i * rows + first, count * size);
    std::byte* to = out + *place * size;
    for (int64_t r = 0; r < count; ++r)
      std::memcpy(to + r * row.count() * size, from + r * size, static_cast<size_t>(size));
  }
}

}  // namespace

void put_in_order(const NpyHeader& header, Array& array) {
  if (header.swapped) swap_elements(array);
  if (!header.fortran_order || array.count() == 0) return;
  const std::vector<std::byte> there(array.raw(), array.raw() + array.bytes());
  transpose_rows(header, 0, header.shape[0], array.raw(),
                 [&](int64_t element, int64_t) { return there.data() + element * size_of(header.dtype); });
}

void write_in_order(const std::string& from, const std::string& to) {
  const NpyHeader header = open_npy(from);
  const InputFile file(from);
  const Shape row = header.shape.without_batch();
  const int64_t size = size_of(header.dtype), row_bytes = row.count() * size, rows = header.shape[0];
  const int64_t most =
      std::clamp<int64_t>(kBlockBytes / std::max<int64_t>(1, row_bytes), 1, std::max<int64_t>(1, rows));
  NpyWriter writer(to, header.dtype, row);
  std::vector<std::byte> column(static_cast<size_t>(most * size));
  for (int64_t first = 0; first < rows; first += most) {
    const int64_t count = std::min(most, rows - first);
    Array block(header.dtype, row.with_batch(count));
    if (header.fortran_order)
      transpose_rows(header, first, count, block.raw(), [&](int64_t element, int64_t bytes) {
        file.read_at(header.data_offset + element * size, column.data(), bytes);
        return column.data();
      });
    else file.read_at(header.data_offset + first * row_bytes, block.raw(), count * row_bytes);
    if (header.swapped) swap_elements(block);
    writer.append(block.raw(), count);
  }
  writer.commit();
}

}  // namespace batchwise
