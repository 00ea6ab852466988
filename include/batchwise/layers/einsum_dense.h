// EinsumDense: activation(einsum(equation, input, kernel) + bias).
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct EinsumDenseOptions {
  std::string equation;               // "abc,cde->abde": the first letter is the batch
  std::vector<int64_t> output_shape;  // without the batch; -1 where the equation says it
  std::string bias_axes;              // letters of the result; empty: no bias
  Spec activation;
  Spec kernel_initializer = "GlorotUniform", bias_initializer = "Zeros";
  Spec kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint;
};

inline LayerRef EinsumDense(const EinsumDenseOptions& options) {
  Config::List shape;
  for (const int64_t dim : options.output_shape) shape.push_back(dim < 0 ? Config() : Config(dim));
  return make_layer(
      {"EinsumDense", Config::object({{"output_shape", shape},
                                      {"equation", options.equation},
                                      {"activation", config_of(options.activation)},
                                      {"bias_axes", options.bias_axes.empty() ? Config() : Config(options.bias_axes)},
                                      {"kernel_initializer", config_of(options.kernel_initializer)},
                                      {"bias_initializer", config_of(options.bias_initializer)},
                                      {"kernel_regularizer", config_of(options.kernel_regularizer)},
                                      {"bias_regularizer", config_of(options.bias_regularizer)},
                                      {"kernel_constraint", config_of(options.kernel_constraint)},
                                      {"bias_constraint", config_of(options.bias_constraint)}})});
}

}  // namespace batchwise
