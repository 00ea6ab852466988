// Windows over a series by number.
#include <batchwise/timeseries.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "data/stages/rows.h"

namespace batchwise {
namespace {

class WindowRows final : public Source {
 public:
  WindowRows(Array data, Array targets, int64_t length, int64_t stride, int64_t rate, int64_t size)
      : data_(std::move(data)),
        targets_(std::move(targets)),
        length_(length),
        stride_(stride),
        rate_(rate),
        size_(size) {
    columns_.push_back({"", data_.shape().without_batch().with_batch(length), data_.dtype()});
    if (!targets_.empty()) columns_.push_back({"", targets_.shape().without_batch(), targets_.dtype()});
  }
  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return "timeseries"; }
  int64_t resident_bytes() const override { return data_.bytes() + targets_.bytes(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const Array& from = column == 0 ? data_ : targets_;
    const int64_t bytes = from.shape().without_batch().count() * size_of(from.dtype());
    std::byte* to = static_cast<std::byte*>(out);
    for (const int64_t row : rows) {
      require(row >= 0 && row < size_, describe(), "rows must be in [0, ", size_, "). Got ", row, ".");
      for (int64_t k = 0; k < (column == 0 ? length_ : 1); ++k, to += bytes)
        std::memcpy(to, from.raw() + (row * stride_ + k * rate_) * bytes, static_cast<size_t>(bytes));
    }
  }

 private:
  Array data_, targets_;
  int64_t length_, stride_, rate_, size_;
  std::vector<Column> columns_;
};

}  // namespace

Dataset timeseries_dataset_from_array(const Array& data, const Array& targets, int64_t sequence_length,
                                      const TimeseriesOptions& options) {
  const char* where = "timeseries_dataset_from_array";
  require(!data.empty() && data.shape().rank() >= 1, where, "the data's first dimension must be time. Got a scalar.");
  const int64_t steps = data.shape()[0];
  const auto within = [&](const char* name, int64_t value) {
    require(value >= 1 && value < steps, where, name, " must be at least 1 and less than the length of the data, ",
            steps, ". Got ", value, ".");
  };
  within("sampling_rate", options.sampling_rate);
  within("sequence_stride", options.sequence_stride);
  require(sequence_length >= 1 && options.batch_size >= 0, where,
          "sequence_length must be at least 1 and batch_size 0 or more. Got ", sequence_length, " and ",
          options.batch_size, ".");
  require(options.start_index >= 0 && options.start_index < steps, where,
          "start_index must be in [0, length of the data), ", steps, ". Got ", options.start_index, ".");
  require(options.end_index == 0 || (options.end_index > options.start_index && options.end_index < steps), where,
          "end_index must be more than start_index and less than the length of the data, ", steps, ". Got ",
          options.end_index, ".");
  const int64_t end = options.end_index == 0 ? steps : options.end_index;
  int64_t starts = end - options.start_index - (sequence_length - 1) * options.sampling_rate;
  Array used_targets;
  if (!targets.empty()) {
    require(targets.shape().rank() >= 1, where, "the targets' first dimension must be time. Got a scalar.");
    starts = std::min(starts, targets.shape()[0]);
    require(targets.shape()[0] > options.start_index, where, "targets must reach beyond start_index, ",
            options.start_index, ". Got ", targets.shape()[0], ".");
    used_targets = targets.slice(options.start_index, std::min(end, targets.shape()[0]) - options.start_index);
    // Keras reads past such targets; a window without a target is none.
    starts = std::min(starts, used_targets.shape()[0]);
  }
  const int64_t windows = starts <= 0 ? 0 : (starts + options.sequence_stride - 1) / options.sequence_stride;
  require(windows > 0, where, "the data must hold at least one window of ", sequence_length, " values, ",
          options.sampling_rate, " steps apart. Got ", end - options.start_index, " steps.");
  Dataset samples(
      std::make_shared<WindowRows>(data.slice(options.start_index, end - options.start_index), std::move(used_targets),
                                   sequence_length, options.sequence_stride, options.sampling_rate, windows),
      1, targets.empty() ? 0 : 1);
  if (options.shuffle) samples = samples.shuffle({.seed = options.seed});
  return options.batch_size > 0 ? samples.batch(options.batch_size) : samples;
}

}  // namespace batchwise
