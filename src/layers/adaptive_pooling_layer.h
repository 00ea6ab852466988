// What pooling layers with a stated number of windows share.
#pragma once

#include <memory>
#include <string_view>

#include "kernels/pooling.h"
#include "layers/window_arguments.h"

namespace batchwise {

class AdaptivePoolingLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples(int rank);

 protected:
  using MakeKernel = std::unique_ptr<Kernel> (*)(const PoolingKernelOptions& options);
  AdaptivePoolingLayer(std::string_view name, int rank, MakeKernel make_kernel, const Config& config);

 private:
  Window window_for(const Shape& input) const;

  std::string_view name_;
  MakeKernel make_kernel_;
  std::vector<int64_t> output_size_;
  bool channels_first_ = false;
};

}  // namespace batchwise
