// The shape in which noise is drawn.
#include "layers/noise_shape.h"

namespace batchwise {

NoiseShape::NoiseShape(std::string_view layer, const Config& config) {
  const Config* shape = config.find("noise_shape");
  if (!shape || shape->is_null()) return;
  dims_ = shape->as_list(layer);
  require(dims_.size() >= 2, layer, "noise_shape must have the batch and each axis of a sample. Got ", shape->text(),
          ".");
  require(dims_[0].is_null() || dims_[0] == Config(-1), layer,
          "noise_shape must leave the batch open (null): every sample has draws of its own. Got ", shape->text(), ".");
}

Config NoiseShape::config() const { return dims_.empty() ? Config() : Config(dims_); }

Shape NoiseShape::of_sample(std::string_view layer, const Shape& input) const {
  if (dims_.empty()) return input;
  require(dims_.size() == static_cast<size_t>(input.rank()) + 1, layer,
          "noise_shape must have the batch and each axis of a sample. Got ", config().text(), " for ", input, ".");
  Shape shape = input;
  for (int axis = 0; axis < input.rank(); ++axis) {
    const Config& dim = dims_[static_cast<size_t>(axis) + 1];
    if (dim.is_null()) continue;
    shape[axis] = dim.as_int(layer);
    require(shape[axis] == 1 || shape[axis] == input[axis], layer,
            "noise_shape must be 1, null or the input's size at each axis. Got ", config().text(), " for ", input, ".");
  }
  return shape;
}

}  // namespace batchwise
