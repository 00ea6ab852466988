// LSTM: a long short-term memory: a state and a carry behind gates. The layer, and its cell alone.
#include "layers/dense_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class LSTMLayer final : public RecurrentLayer {
 public:
  explicit LSTMLayer(const Config& config)
      : RecurrentLayer("LSTM", config, std::make_shared<DenseCell>("LSTMCell", "LSTM", cell_arguments(config))) {}
};

class LSTMCell final : public DenseCell {
 public:
  explicit LSTMCell(const Config& config) : DenseCell("LSTMCell", "LSTMCell", config) {}
};

const RegisterLayer<LSTMLayer> registered{
    "LSTM",
    {},
    {Config::object({{"units", 4}}),
     Config::object({{"units", 17}, {"return_sequences", true}, {"return_state", true}}),
     Config::object({{"units", 5},
                     {"activation", "softsign"},
                     {"recurrent_activation", "hard_sigmoid"},
                     {"use_bias", false},
                     {"go_backwards", true},
                     {"return_sequences", true}}),
     Config::object({{"units", 3}, {"dropout", 0.3}}),
     Config::object({{"units", 3}, {"dropout", 0.2}, {"recurrent_dropout", 0.3}})}};
const RegisterLayer<LSTMCell> registered_cell{"LSTMCell", {}, {Config::object({{"units", 4}})}};

}  // namespace
}  // namespace batchwise
