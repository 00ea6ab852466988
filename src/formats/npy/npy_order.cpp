// Elements of .npy files put into C order and little-endian: in memory, or from file to file.
#include <algorithm>
#include <iterator>
#include <vector>

#include "base/input_file.h"
#include "formats/npy/npy.h"

namespace batchwise {
namespace {

constexpr int64_t kBoxBytes = 4 << 20;  // of a file that are put in order at a time; held twice
constexpr int64_t kRunBytes = 4 << 10;  // that such a box has in one piece where it is written, if the array has

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
  const Shape row_;
  std::vector<int64_t> index_;
};

// From Fortran order into C order, a few rows at a time: what they are written to stays in the cache.
template <class Element>
void reorder(const Shape& shape, const std::byte* from, std::byte* to) {
  constexpr int64_t kRows = 64 / sizeof(Element);
  const auto* in = reinterpret_cast<const Element*>(from);
  auto* out = reinterpret_cast<Element*>(to);
  const int64_t rows = shape[0], width = shape.without_batch().count();
  for (int64_t first = 0; first < rows; first += kRows) {
    const int64_t end = std::min(rows, first + kRows);
    Places place(shape.without_batch());
    for (int64_t i = 0; i < width; ++i, ++place)
      for (int64_t row = first, at = *place; row < end; ++row) out[row * width + at] = in[i * rows + row];
  }
}

void reorder(const Shape& shape, int64_t element_bytes, const std::byte* from, std::byte* to) {
  switch (element_bytes) {
    case 1: return reorder<uint8_t>(shape, from, to);
    case 2: return reorder<uint16_t>(shape, from, to);
    case 4: return reorder<uint32_t>(shape, from, to);
    default: return reorder<uint64_t>(shape, from, to);
  }
}

Shape all_of(int rank, int64_t dim) {
  const std::vector<int64_t> dims(static_cast<size_t>(rank), dim);
  return Shape(std::span(dims));
}

Shape reversed(const Shape& shape) {
  const std::vector<int64_t> dims(std::reverse_iterator(shape.end()), std::reverse_iterator(shape.begin()));
  return Shape(std::span(dims));
}

// The lengths of boxes that an array is put in order by: along the last axes as far as a run that is written, along
// the first ones, which are read in one piece, as far as there is room.
Shape box_of(const Shape& whole, int64_t element_bytes) {
  Shape box = all_of(whole.rank(), 1);
  const auto extend = [&](int axis, int64_t bytes) {
    const int64_t others = box.count() / box[axis] * element_bytes;
    box[axis] = std::clamp(bytes / others, box[axis], whole[axis]);
  };
  for (int axis = box.rank() - 1; axis >= 0; --axis) extend(axis, kRunBytes);
  for (int axis = 0; axis < box.rank(); ++axis) extend(axis, kBoxBytes);
  return box;
}

// Calls use(first element, count) for the runs of elements that the box at `corner` consists of in an array that lies
// in C order.
template <class Use>
void each_run(const Shape& whole, const Shape& corner, const Shape& box, const Use& use) {
  int within = whole.rank() - 1;  // the first axis that is inside a run
  int64_t run = box[within];
  while (within > 0 && box[within] == whole[within]) run *= box[--within];
  for (int64_t n = 0, runs = box.count() / run; n < runs; ++n) {
    int64_t rest = n, stride = 1, first = 0;
    for (int axis = whole.rank() - 1; axis >= 0; --axis) {
      first += (corner[axis] + (axis < within ? rest % box[axis] : 0)) * stride;
      if (axis < within) rest /= box[axis];
      stride *= whole[axis];
    }
    use(first, run);
  }
}

}  // namespace

void put_in_order(const NpyHeader& header, Array& array) {
  if (header.swapped) swap_elements(array);
  if (!header.fortran_order || array.count() == 0) return;
  const std::vector<std::byte> there(array.raw(), array.raw() + array.bytes());
  reorder(header.shape, size_of(header.dtype), there.data(), array.raw());
}

void write_in_order(const std::string& from, const std::string& to) {
  const NpyHeader header = open_npy(from);
  const InputFile file(from);
  const std::string head = npy_header(header.dtype, header.shape);
  const int64_t size = size_of(header.dtype), data = static_cast<int64_t>(head.size());
  AtomicFile out(to);
  out.write(head);
  if (header.shape.count() == 0) return out.commit();
  const Shape whole = header.fortran_order ? header.shape : Shape{header.shape.count()};
  const Shape largest = box_of(whole, size);
  std::vector<std::byte> read(static_cast<size_t>(largest.count() * size));
  const Array ordered(header.dtype, {largest.count()});
  Shape corner = all_of(whole.rank(), 0);
  for (int axis = 0; axis < whole.rank();) {
    Shape box = largest;
    for (int a = 0; a < box.rank(); ++a) box[a] = std::min(box[a], whole[a] - corner[a]);
    std::byte* in = read.data();
    each_run(reversed(whole), reversed(corner), reversed(box), [&](int64_t first, int64_t count) {
      file.read_at(header.data_offset + first * size, in, count * size);
      in += count * size;
    });
    Array part = ordered.slice(0, box.count());
    reorder(box, size, read.data(), part.raw());
    if (header.swapped) swap_elements(part);
    const std::byte* rows = part.raw();
    each_run(whole, corner, box, [&](int64_t first, int64_t count) {
      out.write_at(data + first * size, rows, count * size);
      rows += count * size;
    });
    // The first axis advances first: what is read next lies behind what was read.
    for (axis = 0; axis < whole.rank(); ++axis) {
      corner[axis] += largest[axis];
      if (corner[axis] < whole[axis]) break;
      corner[axis] = 0;
    }
  }
  out.commit();
}

}  // namespace batchwise
