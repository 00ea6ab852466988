// Data sets over sources: roles of the columns, slices, reading rows into arrays.
#include <batchwise/dataset.h>

#include <algorithm>
#include <numeric>

#include "data/sources/memory.h"
#include "data/sources/row_range.h"

namespace batchwise {
namespace {

std::vector<Array> unless_empty(Array array) {
  return array.empty() ? std::vector<Array>{} : std::vector<Array>{std::move(array)};
}

Array read_column(const std::shared_ptr<const Source>& source, int column, std::span<const int64_t> rows) {
  const Column& about = source->columns()[static_cast<size_t>(column)];
  Array array(about.dtype, about.shape.with_batch(static_cast<int64_t>(rows.size())));
  source->fetch(column, rows, array.raw());
  if (about.dtype == DType::String) array.keep(source);
  return array;
}

}  // namespace

Dataset::Dataset(Array x) : Dataset(std::vector<Array>{std::move(x)}, std::vector<Array>{}) {}

Dataset::Dataset(Array x, Array y, Array sample_weight)
    : Dataset(std::vector<Array>{std::move(x)}, unless_empty(std::move(y)), unless_empty(std::move(sample_weight))) {}

Dataset::Dataset(std::vector<Array> x, std::vector<Array> y, std::vector<Array> sample_weight)
    : inputs_(static_cast<int>(x.size())), targets_(static_cast<int>(y.size())) {
  require(!x.empty(), "data", "the data must have at least one input. Got none.");
  std::vector<Array> all = std::move(x);
  std::move(y.begin(), y.end(), std::back_inserter(all));
  std::move(sample_weight.begin(), sample_weight.end(), std::back_inserter(all));
  *this = Dataset(std::make_shared<MemorySource>(std::move(all)), inputs_, targets_);
}

Dataset::Dataset(std::shared_ptr<const Source> source, int inputs, int targets)
    : source_(std::move(source)), inputs_(inputs), targets_(targets) {
  require(source_ != nullptr, "data", "a data set must have a source. Got null.");
  const std::string where = source_->describe();
  require(inputs >= 1 && targets >= 0 && num_weights() >= 0, where, "the source's ", source_->columns().size(),
          " columns must be at least one input, then the targets. Got ", inputs, " inputs and ", targets, " targets.");
  require(num_weights() <= 1 || num_weights() == targets, where,
          "sample weights must be one for all outputs or one per target. Got ", num_weights(), " for ", targets,
          " targets.");
}

int64_t Dataset::size() const { return source_ ? source_->size() : 0; }

int Dataset::num_weights() const {
  return source_ ? static_cast<int>(source_->columns().size()) - inputs_ - targets_ : 0;
}

const Column& Dataset::input(int i) const {
  require(i >= 0 && i < inputs_, "data", "the data has ", inputs_, " inputs. Got the index ", i, ".");
  return source_->columns()[static_cast<size_t>(i)];
}

const Column& Dataset::target(int i) const {
  require(i >= 0 && i < targets_, "data", "the data has ", targets_, " targets. Got the index ", i, ".");
  return source_->columns()[static_cast<size_t>(inputs_ + i)];
}

Dataset Dataset::slice(int64_t first, int64_t count) const {
  require(!empty(), "data", "a slice needs data. Got an empty data set.");
  // A slice of a slice is one step deep: fetching costs no more however often data was split.
  if (const auto* range = dynamic_cast<const RowRange*>(source_.get())) {
    require(first >= 0 && count >= 0 && first <= size() - count, source_->describe(), "a slice must lie in the ",
            size(), " samples. Got ", count, " samples from ", first, " on.");
    return Dataset(std::make_shared<RowRange>(range->whole(), range->first() + first, count), inputs_, targets_);
  }
  return Dataset(std::make_shared<RowRange>(source_, first, count), inputs_, targets_);
}

Batch Dataset::read(int64_t first, int64_t count) const {
  require(!empty() && first >= 0 && count >= 0 && first <= size() - count, "data", "rows read must lie in the ", size(),
          " samples. Got ", count, " samples from ", first, " on.");
  std::vector<int64_t> rows(static_cast<size_t>(count));
  std::iota(rows.begin(), rows.end(), first);
  Batch batch;
  const int columns = inputs_ + targets_ + num_weights();
  for (int i = 0; i < columns; ++i)
    (i < inputs_              ? batch.x
     : i < inputs_ + targets_ ? batch.y
                              : batch.sample_weight)
        .push_back(read_column(source_, i, rows));
  return batch;
}

std::vector<Batch> Dataset::batch(int64_t rows) const {
  require(rows >= 1, "data", "the batch size must be at least 1. Got ", rows, ".");
  std::vector<Batch> batches;
  for (int64_t first = 0; first < size(); first += rows) batches.push_back(read(first, std::min(rows, size() - first)));
  return batches;
}

}  // namespace batchwise
