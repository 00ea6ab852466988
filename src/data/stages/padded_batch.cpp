// Elements of different lengths, padded into batches.
#include "data/stages/padded_batch.h"

#include <algorithm>
#include <cstring>

#include <batchwise/dataset.h>

#include "base/element_cast.h"
#include "data/stages/batch.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

void fill(Array& array, double value) {
  if (value == 0 || array.count() == 0) return;
  const int64_t size = size_of(array.dtype());
  cast_elements(DType::Float64, reinterpret_cast<const std::byte*>(&value), array.dtype(), array.raw(), 1);
  for (int64_t i = 1; i < array.count(); ++i)
    std::memcpy(array.raw() + i * size, array.raw(), static_cast<size_t>(size));
}

// Copies `from` into the corner of the place at `to`, whose shape is `shape`.
void copy_corner(const Array& from, const Shape& shape, std::byte* to) {
  const int64_t size = size_of(from.dtype());
  if (from.count() == 0) return;
  if (shape.rank() == 0) {
    std::memcpy(to, from.raw(), static_cast<size_t>(size));
    return;
  }
  const int64_t run = from.shape().back(), lines = from.count() / run;
  for (int64_t line = 0; line < lines; ++line) {
    int64_t rest = line, offset = 0, stride = shape.back();
    for (int axis = shape.rank() - 2; axis >= 0; --axis) {
      offset += rest % from.shape()[axis] * stride;
      rest /= from.shape()[axis];
      stride *= shape[axis];
    }
    std::memcpy(to + offset * size, from.raw() + line * run * size, static_cast<size_t>(run * size));
  }
}

class PaddedBatch final : public FollowingStage {
 public:
  PaddedBatch(std::shared_ptr<const Stage> before, int64_t rows, const PaddedBatchOptions& options)
      : FollowingStage(std::move(before)),
        rows_(rows),
        padding_{options.padded_shapes, options.padding_values},
        drop_remainder_(options.drop_remainder) {
    require(rows >= 1, "padded_batch", "the batch size must be at least 1. Got ", rows, ".");
    padding_.check(this->before().columns(), "padded_batch");
  }
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    for (size_t c = 0; c < columns.size(); ++c) {
      Shape& shape = columns[c].shape;
      if (!padding_.shapes.empty()) shape = padding_.shapes[c];
      shape = shape.with_batch(drop_remainder_ ? rows_ : kUnknownDim);
    }
    return columns;
  }
  int64_t cardinality() const override { return batches_of(before().cardinality(), rows_, drop_remainder_); }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<BatchStream>(
        before().open(pass), rows_, drop_remainder_,
        [this](const std::vector<Element>& elements) { return padded(elements, padding_, "padded_batch"); });
  }
  int64_t rows_each() const override { return rows_; }
  int64_t resident_bytes() const override {
    const std::vector<Column> columns = before().columns();
    return before().resident_bytes() +
           bytes_of(held_of(rows_, before().cardinality()), element_bytes(columns) + padding_.row_bytes(columns));
  }

 private:
  int64_t rows_;
  Padding padding_;
  bool drop_remainder_;
};

}  // namespace

void Padding::check(const std::vector<Column>& columns, const std::string& where) const {
  require(shapes.empty() || shapes.size() == columns.size(), where, "padded_shapes must have one entry per component, ",
          columns.size(), ". Got ", shapes.size(), ".");
  require(values.size() <= 1 || values.size() == columns.size(), where,
          "padding_values must have one entry, or one per component, ", columns.size(), ". Got ", values.size(), ".");
  for (size_t c = 0; c < shapes.size(); ++c)
    require(shapes[c].rank() == columns[c].shape.rank(), where, "padded_shapes must have the rank of the component, ",
            columns[c].shape.rank(), ". Got ", shapes[c], " for component ", c, ".");
}

void Padding::check_count(size_t components, const std::string& where) const {
  const size_t wanted = !shapes.empty() ? shapes.size() : values.size() > 1 ? values.size() : components;
  require(components == wanted, where, "all elements must have the same components, ", wanted, ". Got one with ",
          components, ".");
}

int64_t Padding::row_bytes(std::vector<Column> columns) const {
  for (size_t c = 0; c < columns.size() && !shapes.empty(); ++c)
    for (int axis = 0; axis < columns[c].shape.rank(); ++axis)
      columns[c].shape[axis] = std::max(columns[c].shape[axis], shapes[c][axis]);
  return element_bytes(columns);
}

Element padded(const std::vector<Element>& elements, const Padding& padding, const std::string& where) {
  require_same_components(elements, where);
  padding.check_count(elements[0].size(), where);
  Element batch;
  for (size_t c = 0; c < elements[0].size(); ++c) {
    Shape shape = elements[0][c].shape();
    for (const Element& element : elements) {
      require(element[c].shape().rank() == shape.rank(), where, "the elements of a batch must have one rank. Got ",
              element[c].shape(), " and ", shape, ".");
      for (int axis = 0; axis < shape.rank(); ++axis) shape[axis] = std::max(shape[axis], element[c].shape()[axis]);
    }
    for (int axis = 0; !padding.shapes.empty() && axis < shape.rank(); ++axis) {
      const int64_t wanted = padding.shapes[c][axis];
      if (wanted < 0) continue;
      require(shape[axis] <= wanted, where, "an element must not be longer than what it is padded to, ", wanted,
              ". Got ", shape[axis], ".");
      shape[axis] = wanted;
    }
    Array array(elements[0][c].dtype(), shape.with_batch(static_cast<int64_t>(elements.size())));
    fill(array, padding.value(c));
    const int64_t bytes = shape.count() * size_of(array.dtype());
    for (size_t r = 0; r < elements.size(); ++r) {
      copy_corner(elements[r][c], shape, array.raw() + static_cast<int64_t>(r) * bytes);
      array.keep_also(elements[r][c]);
    }
    batch.push_back(std::move(array));
  }
  return batch;
}

Dataset Dataset::padded_batch(int64_t rows, const PaddedBatchOptions& options) const {
  return then(std::make_shared<PaddedBatch>(stage(), rows, options));
}

}  // namespace batchwise
