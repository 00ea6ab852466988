// What dense and convolution layers share: a kernel, a bias, and what follows them.
#pragma once

#include <string>
#include <vector>

#include <batchwise/layer.h>

namespace batchwise {

struct KernelAndBias {
  Spec activation;
  bool use_bias = true;
  Spec kernel_initializer, bias_initializer;
  Spec kernel_regularizer, bias_regularizer, activity_regularizer;
  Spec kernel_constraint, bias_constraint;

  KernelAndBias(std::string_view layer, const Config& config);

  // Keras's entries from "activation" on.
  void append_to(Config& config) const;

  std::vector<VariableSpec> variables(const Shape& kernel, int64_t outputs) const;
  std::vector<std::string> names() const;  // of the variables, kernel first

  bool plain_relu() const;  // kernels fuse it
  // What follows the kernel: the activation, unless it was fused, and the activity penalty.
  Value finish(Lowering& lowering, Value value) const;
  Value finish(Lowering& lowering, Value value, bool activated) const;  // stated whether the activation was fused
};

}  // namespace batchwise
