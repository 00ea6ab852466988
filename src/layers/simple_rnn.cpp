// SimpleRNN: a state that is an activation of the input and of itself. The layer, and its cell alone.
#include "layers/dense_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class SimpleRNNLayer final : public RecurrentLayer {
 public:
  explicit SimpleRNNLayer(const Config& config)
      : RecurrentLayer("SimpleRNN", config,
                       std::make_shared<DenseCell>("SimpleRNNCell", "SimpleRNN", cell_arguments(config))) {}
};

class SimpleRNNCell final : public DenseCell {
 public:
  explicit SimpleRNNCell(const Config& config) : DenseCell("SimpleRNNCell", "SimpleRNNCell", config) {}
};

const RegisterLayer<SimpleRNNLayer> registered{
    "SimpleRNN",
    {},
    {Config::object({{"units", 4}}),
     Config::object({{"units", 17}, {"return_sequences", true}, {"activation", "relu"}, {"use_bias", false}}),
     Config::object({{"units", 3},
                     {"return_state", true},
                     {"go_backwards", true},
                     {"dropout", 0.3},
                     {"recurrent_dropout", 0.2}})}};
const RegisterLayer<SimpleRNNCell> registered_cell{"SimpleRNNCell", {}, {Config::object({{"units", 4}})}};

}  // namespace
}  // namespace batchwise
