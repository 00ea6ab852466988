// The axes a loss adds up over, the batch among them or not, and the lines of elements that become one value.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/shape.h>

namespace batchwise {

// Keras's argument "axis": null for all axes, one axis, or a list; the batch is axis 0.
std::optional<std::vector<int64_t>> read_axes(const Config& config, std::string_view where);
Config axes_config(const std::optional<std::vector<int64_t>>& axes);

// Samples of one shape seen as values with the elements that add up to each.
class BatchAxes {
 public:
  BatchAxes(const Shape& sample, const std::optional<std::vector<int64_t>>& axes, std::string_view where);

  bool spans_batch() const { return spans_batch_; }
  Shape value_shape() const;  // without the batch
  int64_t values() const { return values_; }

  // Calls run(first, count, stride) for the elements of a sample that add up to value v, in runs; offsets in the
  // sample.
  template <class Run>
  void for_each_run(int64_t value, const Run& run) const {
    int64_t base = 0;
    for (int i = kept_; i-- > 0; value /= kept_dims_[at(i)]) base += value % kept_dims_[at(i)] * kept_strides_[at(i)];
    std::array<int64_t, Shape::kMaxRank> position{};
    const int outer = reduced_ - 1;  // the last reduced axis is the run
    const int64_t count = reduced_ == 0 ? 1 : reduced_dims_[at(outer)],
                  stride = reduced_ == 0 ? 1 : reduced_strides_[at(outer)];
    for (;;) {
      run(base, count, stride);
      int axis = outer - 1;
      for (; axis >= 0; --axis) {
        base += reduced_strides_[at(axis)];
        if (++position[at(axis)] < reduced_dims_[at(axis)]) break;
        base -= reduced_dims_[at(axis)] * reduced_strides_[at(axis)];
        position[at(axis)] = 0;
      }
      if (axis < 0) return;
    }
  }

 private:
  static size_t at(int i) { return static_cast<size_t>(i); }
  bool spans_batch_ = false;
  int kept_ = 0, reduced_ = 0;
  std::array<int64_t, Shape::kMaxRank> kept_dims_{}, kept_strides_{}, reduced_dims_{}, reduced_strides_{};
  int64_t values_ = 1;
};

}  // namespace batchwise
