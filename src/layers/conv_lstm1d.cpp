// ConvLSTM1D: an LSTM over sequences of images of one axis.
#include "layers/conv_lstm_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class ConvLstm1DLayer final : public RecurrentLayer {
 public:
  explicit ConvLstm1DLayer(const Config& config)
      : RecurrentLayer("ConvLSTM1D", config, std::make_shared<ConvLstmCell>(1, "ConvLSTM1D", cell_arguments(config))) {}
};

const RegisterLayer<ConvLstm1DLayer> registered{
    "ConvLSTM1D",
    {},
    {Config::object({{"filters", 3}, {"kernel_size", 3}, {"padding", "same"}, {"return_sequences", true}}),
     Config::object(
         {{"filters", 2}, {"kernel_size", 2}, {"strides", 2}, {"dropout", 0.2}, {"recurrent_dropout", 0.3}})}};

}  // namespace
}  // namespace batchwise
