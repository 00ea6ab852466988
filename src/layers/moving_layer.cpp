// Layers that only move elements.
#include "layers/moving_layer.h"

#include "layers/arguments.h"

namespace batchwise {

Shapes MovingLayer::output_shapes(const Shapes& inputs) const { return {moved_shape(one_input(name_, inputs))}; }

std::vector<Value> MovingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = lowering.plain(inputs[0]);
  const TensorType type = lowering.type(input);
  return {lowering.add1(make_rearrange_kernel(kind_, type, moves(type.shape), lowering.grain()), {input})};
}

int64_t element_at(const Shape& shape, std::span<const int64_t> place) {
  int64_t element = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) element = element * shape[axis] + place[static_cast<size_t>(axis)];
  return element;
}

}  // namespace batchwise
