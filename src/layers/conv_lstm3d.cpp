// ConvLSTM3D: an LSTM over sequences of images of three axes.
#include "layers/conv_lstm_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class ConvLstm3DLayer final : public RecurrentLayer {
 public:
  explicit ConvLstm3DLayer(const Config& config)
      : RecurrentLayer("ConvLSTM3D", config, std::make_shared<ConvLstmCell>(3, "ConvLSTM3D", cell_arguments(config))) {}
};

const RegisterLayer<ConvLstm3DLayer> registered{
    "ConvLSTM3D", {}, {Config::object({{"filters", 2}, {"kernel_size", 2}, {"padding", "same"}})}};

}  // namespace
}  // namespace batchwise
