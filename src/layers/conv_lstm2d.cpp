// ConvLSTM2D: an LSTM over sequences of images of two axes.
#include "layers/conv_lstm_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class ConvLstm2DLayer final : public RecurrentLayer {
 public:
  explicit ConvLstm2DLayer(const Config& config)
      : RecurrentLayer("ConvLSTM2D", config, std::make_shared<ConvLstmCell>(2, "ConvLSTM2D", cell_arguments(config))) {}
};

const RegisterLayer<ConvLstm2DLayer> registered{
    "ConvLSTM2D",
    {},
    {Config::object({{"filters", 3}, {"kernel_size", 3}, {"padding", "same"}, {"return_state", true}}),
     Config::object({{"filters", 2},
                     {"kernel_size", 2},
                     {"dilation_rate", 2},
                     {"go_backwards", true},
                     {"return_sequences", true}})}};

}  // namespace
}  // namespace batchwise
