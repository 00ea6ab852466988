// What Conv1D, Conv2D and Conv3D share: Keras's arguments, shapes, and the convolution they lower to.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/layer.h>

#include "layers/kernel_and_bias.h"
#include "layers/window_arguments.h"

namespace batchwise {

// One convolution layer differs from another by its name and its rank alone.
class ConvolutionLayer : public Layer {
 public:
  std::string_view class_name() const final { return name_; }
  Config config() const final;
  Shapes output_shapes(const Shapes& inputs) const final;
  std::vector<VariableSpec> variables(const Shapes& inputs) const final;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const final;

 protected:
  ConvolutionLayer(std::string_view name, int rank, const Config& config);

 private:
  std::string_view name_;
  KernelAndBias arguments_;
  int64_t filters_ = 0, groups_ = 1;
  WindowArguments window_;
  bool channels_first_ = false;
};

// {"filters": ..., "kernel_size": ...} and the rest.
Config convolution_example(int64_t filters, int64_t size, Config::Object rest = {});

}  // namespace batchwise
