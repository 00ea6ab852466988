// Data sets: roles of the components, reading rows into arrays, walking over elements.
#include <batchwise/dataset.h>

#include <algorithm>
#include <numeric>

#include "data/sources/memory.h"
#include "data/sources/row_range.h"
#include "data/stages/rows.h"

namespace batchwise {
namespace {

std::vector<Array> unless_empty(Array array) {
  return array.empty() ? std::vector<Array>{} : std::vector<Array>{std::move(array)};
}

}  // namespace

Dataset::Dataset(Array x) : Dataset(std::vector<Array>{std::move(x)}, std::vector<Array>{}) {}

Dataset::Dataset(Array x, Array y, Array sample_weight)
    : Dataset(std::vector<Array>{std::move(x)}, unless_empty(std::move(y)), unless_empty(std::move(sample_weight))) {}

Dataset::Dataset(std::vector<Array> x, std::vector<Array> y, std::vector<Array> sample_weight) {
  require(!x.empty(), "data", "the data must have at least one input. Got none.");
  const int inputs = static_cast<int>(x.size()), targets = static_cast<int>(y.size());
  std::vector<Array> all = std::move(x);
  std::move(y.begin(), y.end(), std::back_inserter(all));
  std::move(sample_weight.begin(), sample_weight.end(), std::back_inserter(all));
  *this = Dataset(std::make_shared<MemorySource>(std::move(all)), inputs, targets);
}

Dataset::Dataset(std::shared_ptr<const Source> source, int inputs, int targets) : source_(std::move(source)) {
  require(source_ != nullptr, "data", "a data set must have a source. Got null.");
  stage_ = std::make_shared<RowsStage>(source_);
  passes_ = std::make_shared<std::atomic<uint64_t>>(0);
  *this = with_roles(inputs, targets);
}

Dataset::Dataset(std::shared_ptr<const Stage> stage, int inputs, int targets) : stage_(std::move(stage)) {
  require(stage_ != nullptr, "data", "a data set must have a stage. Got null.");
  source_ = stage_->rows();
  passes_ = std::make_shared<std::atomic<uint64_t>>(0);
  if (inputs != kByCount) *this = with_roles(inputs, targets);
}

Dataset Dataset::with_roles(int inputs, int targets) const {
  require(!empty(), "data", "roles need data. Got an empty data set.");
  Dataset data = *this;
  const std::vector<Column> columns = stage_->columns();
  const std::string where = stage_->describe();
  const int weights = static_cast<int>(columns.size()) - inputs - targets;
  require(inputs >= 1 && targets >= 0 && weights >= 0, where, "the source's ", columns.size(),
          " columns must be at least one input, then the targets. Got ", inputs, " inputs and ", targets, " targets.");
  require(weights <= 1 || weights == targets, where,
          "sample weights must be one for all outputs or one per target. Got ", weights, " for ", targets, " targets.");
  data.inputs_ = inputs;
  data.targets_ = targets;
  data.components_ = static_cast<int>(columns.size());
  return data;
}

Dataset Dataset::then(std::shared_ptr<const Stage> stage) const {
  Dataset data(std::move(stage));
  data.inputs_ = inputs_;
  data.targets_ = targets_;
  data.components_ = components_;
  return data;
}

// Keras's rule where nothing was said: x; x and y; x, y and sample weights.
Dataset::Roles Dataset::roles() const {
  if (!stage_) return {};
  // Lanes ask while they train: where there is a source, asking does not allocate.
  const int count = static_cast<int>(source_ ? source_->columns().size() : stage_->columns().size());
  if (components_ == count) return {inputs_, targets_, count - inputs_ - targets_};
  require(count <= 3, describe(), "elements of more than three components need roles: call with_roles. Got ", count,
          " components.");
  return {std::min(count, 1), count >= 2 ? 1 : 0, count == 3 ? 1 : 0};
}

std::string Dataset::describe() const { return stage_ ? stage_->describe() : "data"; }
int Dataset::num_inputs() const { return roles().inputs; }
int Dataset::num_targets() const { return roles().targets; }
int Dataset::num_weights() const { return roles().weights; }

const Source& Dataset::source() const {
  require(source_ != nullptr, describe(),
          "the elements come one after another and cannot be had by number. Read them with a for loop.");
  return *source_;
}

int64_t Dataset::size() const { return stage_ ? source().size() : 0; }

const Column& Dataset::input(int i) const {
  const int inputs = num_inputs();
  require(i >= 0 && i < inputs, "data", "the data has ", inputs, " inputs. Got the index ", i, ".");
  return source().columns()[static_cast<size_t>(i)];
}

const Column& Dataset::target(int i) const {
  const Roles about = roles();
  require(i >= 0 && i < about.targets, "data", "the data has ", about.targets, " targets. Got the index ", i, ".");
  return source().columns()[static_cast<size_t>(about.inputs + i)];
}

Dataset Dataset::slice(int64_t first, int64_t count) const {
  require(!empty(), "data", "a slice needs data. Got an empty data set.");
  source();  // throws unless there are rows
  // A slice of a slice is one step deep: fetching costs no more however often data was split.
  if (const auto* range = dynamic_cast<const RowRange*>(source_.get())) {
    require(first >= 0 && count >= 0 && first <= size() - count, source_->describe(), "a slice must lie in the ",
            size(), " samples. Got ", count, " samples from ", first, " on.");
    return then(std::make_shared<RowsStage>(std::make_shared<RowRange>(range->whole(), range->first() + first, count)));
  }
  return then(std::make_shared<RowsStage>(std::make_shared<RowRange>(source_, first, count)));
}

Batch Dataset::batch_of(const Element& element) const {
  const Roles about = roles();
  const auto at = [&](int i) { return element.begin() + i; };
  require(static_cast<int>(element.size()) == about.inputs + about.targets + about.weights, describe(),
          "elements must have ", about.inputs + about.targets + about.weights, " components. Got ", element.size(),
          ".");
  const int targets_end = about.inputs + about.targets;
  return {{at(0), at(about.inputs)}, {at(about.inputs), at(targets_end)}, {at(targets_end), element.end()}};
}

Batch Dataset::read(int64_t first, int64_t count) const {
  require(!empty() && first >= 0 && count >= 0 && first <= size() - count, "data", "rows read must lie in the ", size(),
          " samples. Got ", count, " samples from ", first, " on.");
  std::vector<int64_t> rows(static_cast<size_t>(count));
  std::iota(rows.begin(), rows.end(), first);
  return batch_of(read_rows(*source_, rows, 0));
}

Dataset::Iterator Dataset::begin() const {
  require(!empty(), "data", "a loop needs data. Got an empty data set.");
  return Iterator(*this, passes_->fetch_add(1));
}

Dataset::Iterator::Iterator(const Dataset& data, uint64_t pass) : data_(data), stream_(data.stage()->open(pass)) {
  ++*this;
}

Dataset::Iterator& Dataset::Iterator::operator++() {
  if (!stream_->next(element_)) stream_.reset();
  else batch_ = data_.batch_of(element_);
  return *this;
}

}  // namespace batchwise
