// Reducing named axes: run by run of neighbours.
#include "layers/operations/reduced_axes.h"

#include <algorithm>

#include "kernels/reduction.h"
#include "kernels/view.h"
#include "kernels/whole_numbers.h"
#include "layers/arguments.h"

namespace batchwise {

ReducedAxes::ReducedAxes(const std::string& key, const Config& config) : key_(key) {
  const Config* axis = config.find("axis");
  require(axis && !axis->is_null(), key,
          "axis must name axes of a sample: without one, samples would be mixed. Got none.");
  if (!axis->is_list()) axes_.push_back(axis->as_int(key));
  else
    for (const Config& item : axis->as_list()) axes_.push_back(item.as_int(key));
}

std::vector<int> ReducedAxes::of(const Shape& sample) const {
  std::vector<int> axes;
  for (const int64_t axis : axes_) axes.push_back(sample_axis(key_, axis, sample.rank()));
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

Shape ReducedAxes::reduced(const Shape& sample, bool keeps) const {
  const std::vector<int> axes = of(sample);
  std::vector<int64_t> dims;
  for (int axis = 0; axis < sample.rank(); ++axis) {
    const bool goes = std::binary_search(axes.begin(), axes.end(), axis);
    if (keeps || !goes) dims.push_back(goes ? 1 : sample[axis]);
  }
  return Shape(dims);
}

Value ReducedAxes::along(Lowering& lowering, std::string_view function, Value value) const {
  const std::vector<int> axes = of(lowering.type(value).shape);
  for (size_t first = 0; first < axes.size();) {
    size_t last = first;
    while (last + 1 < axes.size() && axes[last + 1] == axes[last] + 1) ++last;
    const TensorType type = lowering.type(value);
    value = lowering.add1(is_whole(type.dtype)
                              ? make_whole_reduction_kernel(function, type, axes[first], axes[last], lowering.grain())
                              : make_reduction_kernel(function, type, axes[first], axes[last], lowering.grain()),
                          {value});
    first = last + 1;
  }
  return value;
}

Value ReducedAxes::finish(Lowering& lowering, Value value, const Shape& sample, bool keeps) const {
  if (keeps) return value;
  return lowering.add1(make_view_kernel(lowering.type(value), reduced(sample, false), lowering.grain()), {value});
}

}  // namespace batchwise
