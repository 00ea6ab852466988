// What the pooling layers share: Keras's arguments, the windows they make, and the shape that comes out.
#pragma once

#include <memory>
#include <string_view>

#include <batchwise/layer.h>

#include "kernels/pooling.h"
#include "layers/window_arguments.h"

namespace batchwise {

// A pooling layer differs from another by its name, its rank and its kernel alone.
class PoolingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples(int rank);

 protected:
  using MakeKernel = std::unique_ptr<Kernel> (*)(const PoolingKernelOptions& options);
  PoolingLayer(std::string_view name, int rank, MakeKernel make_kernel, const Config& config);

 private:
  std::string_view name_;
  MakeKernel make_kernel_;
  WindowArguments window_;
  bool channels_first_ = false;
};

}  // namespace batchwise
