// The layer that stands for an input of the model: a shape and an element type.
#pragma once

#include <batchwise/layer.h>

namespace batchwise {

class InputLayer final : public Layer {
 public:
  explicit InputLayer(const Config& config);
  InputLayer(const Shape& shape, DType dtype) : shape_(shape), dtype_(dtype) {}

  std::string_view class_name() const override { return "InputLayer"; }
  Config config() const override;
  Shapes output_shapes(const Shapes& inputs) const override;
  DType output_dtype(DType) const override { return dtype_; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  DType fed_dtype() const;  // as kernels read it: int32 for integers, bool and string as they are, else float32

 private:
  Shape shape_;  // of one sample
  DType dtype_;
};

}  // namespace batchwise
