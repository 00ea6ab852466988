// How the elements of targets and predictions are paired.
#include "training/losses/pairing.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

int sample_axis(const Shape& shape, int64_t axis, std::string_view where) {
  const int64_t at = axis < 0 ? shape.rank() + axis : axis - 1;
  require(at >= 0 && at < shape.rank(), where,
          "axis must name a dimension of a sample; 0 is the batch, over which a loss does not run. Got ", axis,
          " for samples of shape ", shape, ".");
  return static_cast<int>(at);
}

}  // namespace

Shape without_last(const Shape& shape) {
  return Shape(std::span<const int64_t>(shape.begin(), shape.rank() == 0 ? shape.begin() : shape.end() - 1));
}

Shape paired_shape(const Shape& target, const Shape& prediction, std::string_view where) {
  Shape shape;
  if (target == prediction) shape = target;
  else if (prediction.rank() == target.rank() + 1 && prediction.back() == 1 && without_last(prediction) == target)
    shape = target;
  else if (target.rank() == prediction.rank() + 1 && target.back() == 1 && without_last(target) == prediction)
    shape = prediction;
  else
    fail(where, "targets and predictions must have the same shape. Got targets of ", target, " and predictions of ",
         prediction, " per sample.");
  return shape.rank() == 0 ? Shape{1} : shape;
}

AxisView axis_view(const Shape& shape, int64_t axis, std::string_view where) {
  const int at = sample_axis(shape, axis, where);
  AxisView view;
  for (int i = 0; i < at; ++i) view.outer *= shape[i];
  view.size = shape[at];
  for (int i = at + 1; i < shape.rank(); ++i) view.inner *= shape[i];
  return view;
}

Shape without_axis(const Shape& shape, int64_t axis, std::string_view where) {
  const int at = sample_axis(shape, axis, where);
  int64_t dims[Shape::kMaxRank];
  int rank = 0;
  for (int i = 0; i < shape.rank(); ++i)
    if (i != at) dims[rank++] = shape[i];
  return Shape(std::span<const int64_t>(dims, static_cast<size_t>(rank)));
}

}  // namespace batchwise
