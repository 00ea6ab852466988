// Layers that only move elements: one input, whose elements are copied to other places.
#pragma once

#include <string_view>

#include <batchwise/layer.h>

#include "kernels/rearrange.h"

namespace batchwise {

class MovingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  DType output_dtype(DType input) const final { return input; }
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

 protected:
  MovingLayer(std::string_view name, std::string_view kind) : name_(name), kind_(kind) {}
  virtual Shape moved_shape(const Shape& input) const = 0;  // throws when the input does not suit
  virtual Rearrangement moves(const Shape& input) const = 0;

 private:
  std::string_view name_, kind_;
};

// The input's element at `place`, in canonical order.
int64_t element_at(const Shape& shape, std::span<const int64_t> place);

}  // namespace batchwise
