// ConvLSTM3D: an LSTM over sequences of images of three axes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct ConvLSTM3DOptions {
  int64_t filters = 0;
  std::vector<int64_t> kernel_size;  // 3 numbers
  std::vector<int64_t> strides = {1, 1, 1};
  std::string padding = "valid";  // or "same"
  std::vector<int64_t> dilation_rate = {1, 1, 1};
  Spec activation = "tanh";
  Spec recurrent_activation = "sigmoid";
  bool use_bias = true;
  bool unit_forget_bias = true;
  Spec kernel_initializer = "GlorotUniform";
  Spec recurrent_initializer = "Orthogonal";
  Spec bias_initializer = "Zeros";
  double dropout = 0;
  double recurrent_dropout = 0;
  bool return_sequences = false;
  bool return_state = false;
  bool go_backwards = false;
};

inline LayerRef ConvLSTM3D(const ConvLSTM3DOptions& options) {
  return make_layer({"ConvLSTM3D", Config::object({{"filters", options.filters},
                                                   {"kernel_size", Config(options.kernel_size)},
                                                   {"strides", Config(options.strides)},
                                                   {"padding", options.padding},
                                                   {"dilation_rate", Config(options.dilation_rate)},
                                                   {"activation", config_of(options.activation)},
                                                   {"recurrent_activation", config_of(options.recurrent_activation)},
                                                   {"use_bias", options.use_bias},
                                                   {"unit_forget_bias", options.unit_forget_bias},
                                                   {"kernel_initializer", config_of(options.kernel_initializer)},
                                                   {"recurrent_initializer", config_of(options.recurrent_initializer)},
                                                   {"bias_initializer", config_of(options.bias_initializer)},
                                                   {"dropout", options.dropout},
                                                   {"recurrent_dropout", options.recurrent_dropout},
                                                   {"return_sequences", options.return_sequences},
                                                   {"return_state", options.return_state},
                                                   {"go_backwards", options.go_backwards}})});
}

}  // namespace batchwise
