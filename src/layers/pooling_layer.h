// What MaxPooling2D and AveragePooling2D share: Keras's arguments, the windows they make, and the shape that comes out.
#pragma once

#include <array>
#include <memory>
#include <string_view>

#include <batchwise/layer.h>

#include "kernels/pooling.h"

namespace batchwise {

// A pooling layer differs from another by its name and its kernel alone.
class PoolingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples();

 protected:
  using MakeKernel = std::unique_ptr<Kernel> (*)(const PoolingKernelOptions& options);
  PoolingLayer(std::string_view name, MakeKernel make_kernel, const Config& config);

 private:
  Window window_of(const Shape& image) const;

  std::string_view name_;
  MakeKernel make_kernel_;
  std::array<int64_t, 2> size_{}, strides_{};
  bool same_ = false;
};

}  // namespace batchwise
