// The axes a loss adds up over.
#include "training/losses/batch_axes.h"

#include <batchwise/error.h>

namespace batchwise {

std::optional<std::vector<int64_t>> read_axes(const Config& config, std::string_view where) {
  const Config* axis = config.find("axis");
  if (!axis || axis->is_null()) return std::nullopt;
  if (!axis->is_list()) return std::vector<int64_t>{axis->as_int(where)};
  std::vector<int64_t> axes;
  for (const Config& item : axis->as_list(where)) axes.push_back(item.as_int(where));
  require(!axes.empty(), where, "axis must name at least one axis, or be null for all. Got [].");
  return axes;
}

Config axes_config(const std::optional<std::vector<int64_t>>& axes) { return axes ? Config(*axes) : Config(); }

BatchAxes::BatchAxes(const Shape& sample, const std::optional<std::vector<int64_t>>& axes, std::string_view where) {
  std::array<bool, Shape::kMaxRank + 1> reduced{};  // the batch first
  if (!axes) reduced.fill(true);
  else
    for (int64_t axis : *axes) {
      const int64_t place = axis < 0 ? sample.rank() + 1 + axis : axis;
      require(place >= 0 && place <= sample.rank(), where,
              "axis must name axes of the predictions, the batch being 0. Got ", axis, " for samples of shape ", sample,
              ".");
      require(!reduced[static_cast<size_t>(place)], where, "axis must name each axis once. Got ", axis, " twice.");
      reduced[static_cast<size_t>(place)] = true;
    }
  spans_batch_ = reduced[0];
  int64_t stride = sample.count();
  bool run_open = false;  // neighbouring axes of one kind are one longer axis
  for (int i = 0; i < sample.rank(); ++i) {
    stride /= sample[i];
    if (reduced[static_cast<size_t>(i) + 1]) {
      if (run_open) {
        reduced_dims_[at(reduced_ - 1)] *= sample[i];
        reduced_strides_[at(reduced_ - 1)] = stride;
      } else {
        reduced_dims_[at(reduced_)] = sample[i];
        reduced_strides_[at(reduced_++)] = stride;
      }
      run_open = true;
    } else {
      kept_dims_[at(kept_)] = sample[i];
      kept_strides_[at(kept_++)] = stride;
      values_ *= sample[i];
      run_open = false;
    }
  }
}

Shape BatchAxes::value_shape() const {
  return Shape(std::span<const int64_t>(kept_dims_.data(), static_cast<size_t>(kept_)));
}

}  // namespace batchwise
