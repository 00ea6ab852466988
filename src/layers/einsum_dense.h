// EinsumDense: activation(einsum(equation, input, kernel) + bias). The projections of attention layers are such.
#pragma once

#include <string>
#include <vector>

#include "kernels/activity_penalty.h"
#include "layers/kernel_and_bias.h"

namespace batchwise {

class EinsumDenseLayer final : public Layer {
 public:
  explicit EinsumDenseLayer(const Config& config);

  std::string_view class_name() const override { return "EinsumDense"; }
  Config config() const override;
  Shapes output_shapes(const Shapes& inputs) const override;
  std::vector<VariableSpec> variables(const Shapes& inputs) const override;
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override;

 private:
  struct Letters {
    std::string input, kernel, result;  // of one sample
  };

  static Config without_bias_axes(Config config);
  Letters letters_for(const Shape& input) const;
  Shape kernel_shape(const Shape& input) const;
  bool is_dense(const Letters& letters) const;
  Value lower_dense(Lowering& lowering, Value input, const Letters& letters, const Shape& kernel,
                    const Shape& output) const;
  std::string in_order(const std::string& result) const;  // bias_axes in the order of the result

  KernelAndBias arguments_;
  std::string equation_, bias_axes_;
  std::string input_, kernel_, result_;  // letters with the batch, without "..."
  int elided_ = 0;                       // where "..." is: -1 in front, 1 behind, 0 nowhere
  Config::List output_shape_;
};

}  // namespace batchwise
