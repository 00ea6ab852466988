// GRUCell: one step of GRU.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct GRUCellOptions {
  int64_t units = 0;
  Spec activation = "tanh";
  Spec recurrent_activation = "sigmoid";
  bool use_bias = true;
  Spec kernel_initializer = "GlorotUniform";
  Spec recurrent_initializer = "Orthogonal";
  Spec bias_initializer = "Zeros";
  Spec kernel_regularizer;
  Spec recurrent_regularizer;
  Spec bias_regularizer;
  Spec kernel_constraint;
  Spec recurrent_constraint;
  Spec bias_constraint;
  double dropout = 0;            // of the inputs, the same for every step of a sequence
  double recurrent_dropout = 0;  // of the state
  std::optional<int64_t> seed;   // tells layers apart beyond their names
  bool reset_after = true;       // the state is reset after the product with it
};

inline LayerRef GRUCell(const GRUCellOptions& options) {
  return make_layer({"GRUCell", Config::object({{"units", options.units},
                                                {"activation", config_of(options.activation)},
                                                {"recurrent_activation", config_of(options.recurrent_activation)},
                                                {"use_bias", options.use_bias},
                                                {"kernel_initializer", config_of(options.kernel_initializer)},
                                                {"recurrent_initializer", config_of(options.recurrent_initializer)},
                                                {"bias_initializer", config_of(options.bias_initializer)},
                                                {"kernel_regularizer", config_of(options.kernel_regularizer)},
                                                {"recurrent_regularizer", config_of(options.recurrent_regularizer)},
                                                {"bias_regularizer", config_of(options.bias_regularizer)},
                                                {"kernel_constraint", config_of(options.kernel_constraint)},
                                                {"recurrent_constraint", config_of(options.recurrent_constraint)},
                                                {"bias_constraint", config_of(options.bias_constraint)},
                                                {"dropout", options.dropout},
                                                {"recurrent_dropout", options.recurrent_dropout},
                                                {"seed", options.seed ? Config(*options.seed) : Config()},
                                                {"reset_after", options.reset_after}})});
}

}  // namespace batchwise
