// RNN: a cell, or a stack of them, over a sequence.
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class RnnLayer final : public RecurrentLayer {
 public:
  explicit RnnLayer(const Config& config) : RecurrentLayer("RNN", config) {}
};

Config cell(const char* class_name, int64_t units) {
  return config_of(Spec(class_name, Config::object({{"units", units}})));
}

const RegisterLayer<RnnLayer> registered{
    "RNN",
    {},
    {Config::object({{"cell", cell("LSTMCell", 4)}, {"return_sequences", true}}),
     Config::object({{"cell", Config::List{cell("GRUCell", 3), cell("LSTMCell", 5)}},
                     {"return_state", true},
                     {"go_backwards", true}})}};

}  // namespace
}  // namespace batchwise
