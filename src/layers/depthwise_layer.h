// What depthwise and separable convolutions share: windows over each channel by itself, then maybe a product over all.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/layer.h>

#include "layers/kernel_and_bias.h"
#include "layers/window_arguments.h"

namespace batchwise {

class DepthwiseLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<VariableSpec> variables(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

  static std::vector<Config> examples(bool separable);

 protected:
  // `separable`: a pointwise product with `filters` follows; the bias is its.
  DepthwiseLayer(std::string_view name, int rank, bool separable, const Config& config);

 private:
  int64_t channels(const Shape& input) const;

  std::string_view name_;
  bool separable_;
  KernelAndBias depthwise_;  // its kernel, and in a depthwise convolution the bias and what follows
  KernelAndBias pointwise_;  // of a separable one
  int64_t multiplier_ = 1, filters_ = 0;
  WindowArguments window_;
  bool channels_first_ = false;
};

}  // namespace batchwise
