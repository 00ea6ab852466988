// The axes that a normalisation is over.
#include "layers/neighbouring_axes.h"

#include <algorithm>

#include "layers/arguments.h"

namespace batchwise {

Shape AxisRange::shape_of(const Shape& sample) const {
  return Shape(std::span<const int64_t>(sample.begin() + first, sample.begin() + last + 1));
}

std::vector<int64_t> axes_of(std::string_view layer, const Config& config, int64_t otherwise) {
  const Config* axis = config.find("axis");
  if (!axis || !axis->is_list()) return {config.get("axis", otherwise)};
  std::vector<int64_t> axes;
  for (const Config& item : axis->as_list()) axes.push_back(item.as_int("axis"));
  require(!axes.empty(), layer, "axis must name at least one axis. Got [].");
  return axes;
}

AxisRange axis_range(std::string_view layer, const std::vector<int64_t>& axes, const Shape& sample) {
  std::vector<int> sorted;
  for (const int64_t axis : axes) sorted.push_back(sample_axis(layer, axis, sample.rank()));
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) {
    require(i == 0 || sorted[i] == sorted[i - 1] + 1, layer, "axes must be neighbours. Got ", Config(axes).text(), ".");
    require(sample[sorted[i]] > 0, layer, "the axis must not be empty. Got ", sample, ".");
  }
  return {sorted.front(), sorted.back()};
}

}  // namespace batchwise
