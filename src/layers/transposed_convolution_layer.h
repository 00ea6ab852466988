// What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/layer.h>

#include "layers/kernel_and_bias.h"
#include "layers/window_arguments.h"

namespace batchwise {

class TransposedConvolutionLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<VariableSpec> variables(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

 protected:
  TransposedConvolutionLayer(std::string_view name, int rank, const Config& config);

 private:
  std::string_view name_;
  KernelAndBias arguments_;
  int64_t filters_ = 0;
  WindowArguments window_;
  std::vector<int64_t> output_padding_;  // empty: Keras's default size
  bool channels_first_ = false;
};

}  // namespace batchwise
