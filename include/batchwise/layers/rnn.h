// RNN: a recurrent cell, or a stack of them, over a sequence.
#pragma once

#include <string>

#include <batchwise/wrapped_layer.h>

namespace batchwise {

struct RNNOptions {
  bool return_sequences = false;  // every step's output, else the last one's
  bool return_state = false;      // further outputs: the states after the last step
  bool go_backwards = false;      // outputs come in that order too
  bool zero_output_for_mask = false;
};

// Over a cell of the same arguments as the one given, which itself stays as it is: RNN(LSTMCell({.units = 8})).
inline LayerRef RNN(const LayerRef& cell, const RNNOptions& options = {}) {
  return make_layer({"RNN", Config::object({{"cell", arguments_of(cell)},
                                            {"return_sequences", options.return_sequences},
                                            {"return_state", options.return_state},
                                            {"go_backwards", options.go_backwards},
                                            {"zero_output_for_mask", options.zero_output_for_mask}})});
}

}  // namespace batchwise
