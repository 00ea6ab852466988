// LSTM: a state and a carry behind gates, over a sequence.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct LSTMOptions {
  int64_t units = 0;
  Spec activation = "tanh";
  Spec recurrent_activation = "sigmoid";
  bool unit_forget_bias = true;  // the forget gate begins with a bias of 1
  bool use_bias = true;
  Spec kernel_initializer = "GlorotUniform";
  Spec recurrent_initializer = "Orthogonal";
  Spec bias_initializer = "Zeros";
  Spec kernel_regularizer, recurrent_regularizer, bias_regularizer, activity_regularizer;
  Spec kernel_constraint, recurrent_constraint, bias_constraint;
  double dropout = 0;             // of the inputs, the same for every step of a sequence
  double recurrent_dropout = 0;   // of the state
  std::optional<int64_t> seed;    // tells layers apart beyond their names
  bool return_sequences = false;  // every step's output, else the last one's
  bool return_state = false;      // further outputs: the states after the last step
  bool go_backwards = false;      // outputs come in that order too
  bool zero_output_for_mask = false;
};

inline LayerRef LSTM(const LSTMOptions& options) {
  return make_layer({"LSTM", Config::object({{"units", options.units},
                                             {"activation", config_of(options.activation)},
                                             {"recurrent_activation", config_of(options.recurrent_activation)},
                                             {"unit_forget_bias", options.unit_forget_bias},
                                             {"use_bias", options.use_bias},
                                             {"kernel_initializer", config_of(options.kernel_initializer)},
                                             {"recurrent_initializer", config_of(options.recurrent_initializer)},
                                             {"bias_initializer", config_of(options.bias_initializer)},
                                             {"kernel_regularizer", config_of(options.kernel_regularizer)},
                                             {"recurrent_regularizer", config_of(options.recurrent_regularizer)},
                                             {"bias_regularizer", config_of(options.bias_regularizer)},
                                             {"activity_regularizer", config_of(options.activity_regularizer)},
                                             {"kernel_constraint", config_of(options.kernel_constraint)},
                                             {"recurrent_constraint", config_of(options.recurrent_constraint)},
                                             {"bias_constraint", config_of(options.bias_constraint)},
                                             {"dropout", options.dropout},
                                             {"recurrent_dropout", options.recurrent_dropout},
                                             {"seed", options.seed ? Config(*options.seed) : Config()},
                                             {"return_sequences", options.return_sequences},
                                             {"return_state", options.return_state},
                                             {"go_backwards", options.go_backwards},
                                             {"zero_output_for_mask", options.zero_output_for_mask}})});
}

}  // namespace batchwise
