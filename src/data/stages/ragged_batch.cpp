// Batches of elements of different lengths without padding: as values and row lengths, or as places and values.
#include <algorithm>
#include <cstring>

#include <batchwise/dataset.h>

#include "data/stages/batch.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

// All rows of one component, one after another along their first axis.
Array joined(const std::vector<Element>& elements, size_t component) {
  const Array& first = elements[0][component];
  int64_t rows = 0;
  for (const Element& element : elements) {
    const Array& array = element[component];
    require(array.shape().rank() == first.shape().rank() && array.shape().rank() >= 1 &&
                array.shape().without_batch() == first.shape().without_batch(),
            "ragged_batch", "elements may differ in their first dimension alone. Got ", array.shape(), " and ",
            first.shape(), ".");
    rows += array.shape()[0];
  }
  Array all(first.dtype(), first.shape().without_batch().with_batch(rows));
  std::byte* to = all.raw();
  for (const Element& element : elements) {
    std::memcpy(to, element[component].raw(), static_cast<size_t>(element[component].bytes()));
    to += element[component].bytes();
    all.keep_also(element[component]);
  }
  return all;
}

Element ragged(const std::vector<Element>& elements) {
  require_same_components(elements, "ragged_batch");
  Element batch;
  for (size_t c = 0; c < elements[0].size(); ++c) {
    std::vector<int64_t> lengths;
    for (const Element& element : elements) lengths.push_back(element[c].rows());
    batch.push_back(joined(elements, c));
    batch.push_back(Array::from<int64_t>(lengths, {static_cast<int64_t>(lengths.size())}));
  }
  return batch;
}

Element sparse(const std::vector<Element>& elements, const Shape& row_shape) {
  require_same_components(elements, "sparse_batch");
  require(elements[0].size() == 1, "sparse_batch", "all elements must have the same components, 1. Got one with ",
          elements[0].size(), ".");
  std::vector<int64_t> places;
  int64_t count = 0;
  std::vector<Element> flat;
  for (size_t r = 0; r < elements.size(); ++r) {
    const Array& row = elements[r][0];
    require(row.shape().rank() == row_shape.rank(), "sparse_batch", "rows must have the rank of ", row_shape, ". Got ",
            row.shape(), ".");
    for (int axis = 0; axis < row_shape.rank(); ++axis)
      require(row_shape[axis] < 0 || row.shape()[axis] <= row_shape[axis], "sparse_batch", "rows must fit into ",
              row_shape, ". Got ", row.shape(), ".");
    for (int64_t i = 0; i < row.count(); ++i, ++count) {
      places.push_back(static_cast<int64_t>(r));
      std::vector<int64_t> at(static_cast<size_t>(row_shape.rank()));
      int64_t rest = i;
      for (int axis = row_shape.rank() - 1; axis >= 0; --axis) {
        at[static_cast<size_t>(axis)] = rest % row.shape()[axis];
        rest /= row.shape()[axis];
      }
      places.insert(places.end(), at.begin(), at.end());
    }
    flat.push_back({row.reshaped({row.count()})});
  }
  std::vector<int64_t> shape{static_cast<int64_t>(elements.size())};
  for (int axis = 0; axis < row_shape.rank(); ++axis) {
    int64_t longest = row_shape[axis];
    if (longest < 0)
      for (const Element& element : elements) longest = std::max(longest, element[0].shape()[axis]);
    shape.push_back(longest);
  }
  const int64_t rank = row_shape.rank() + 1;
  return {Array::from<int64_t>(places, {count, rank}), joined(flat, 0), Array::from<int64_t>(shape, {rank})};
}

class Unpadded final : public FollowingStage {
 public:
  using Columns = std::function<std::vector<Column>(const std::vector<Column>&)>;
  Unpadded(std::shared_ptr<const Stage> before, int64_t rows, bool drop_remainder, BatchStream::Make make,
           Columns columns)
      : FollowingStage(std::move(before)),
        rows_(rows),
        drop_remainder_(drop_remainder),
        make_(std::move(make)),
        columns_(std::move(columns)) {
    require(rows >= 1, "batch", "the batch size must be at least 1. Got ", rows, ".");
  }
  std::vector<Column> columns() const override { return columns_(before().columns()); }
  int64_t cardinality() const override { return batches_of(before().cardinality(), rows_, drop_remainder_); }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<BatchStream>(before().open(pass), rows_, drop_remainder_, make_);
  }
  int64_t resident_bytes() const override {
    return before().resident_bytes() +
           bytes_of(held_of(rows_, before().cardinality()), 2 * element_bytes(before().columns()));
  }

 private:
  int64_t rows_;
  bool drop_remainder_;
  BatchStream::Make make_;
  Columns columns_;
};

}  // namespace

Dataset Dataset::ragged_batch(int64_t rows, const BatchOptions& options) const {
  return then(std::make_shared<Unpadded>(stage(), rows, options.drop_remainder, ragged, [](const auto& before) {
    std::vector<Column> columns;
    for (Column column : before) {
      if (column.shape.rank() > 0) column.shape[0] = kUnknownDim;
      columns.push_back(column);
      columns.push_back({column.name, {kUnknownDim}, DType::Int64});
    }
    return columns;
  }));
}

Dataset Dataset::sparse_batch(int64_t rows, const Shape& row_shape) const {
  require(columns().size() == 1, "sparse_batch", "elements must have one component. Got ", columns().size(), ".");
  return then(std::make_shared<Unpadded>(
      stage(), rows, false, [row_shape](const std::vector<Element>& elements) { return sparse(elements, row_shape); },
      [row_shape](const auto& before) {
        const int64_t rank = row_shape.rank() + 1;
        return std::vector<Column>{{"indices", {kUnknownDim, rank}, DType::Int64},
                                   {"values", {kUnknownDim}, before.at(0).dtype},
                                   {"shape", {rank}, DType::Int64}};
      }));
}

}  // namespace batchwise
