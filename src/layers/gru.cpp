// GRU: a gated recurrent unit, with the reset after or before the product. The layer, and its cell alone.
#include "layers/dense_cell.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

class GRULayer final : public RecurrentLayer {
 public:
  explicit GRULayer(const Config& config)
      : RecurrentLayer("GRU", config, std::make_shared<DenseCell>("GRUCell", "GRU", cell_arguments(config))) {}
};

class GRUCell final : public DenseCell {
 public:
  explicit GRUCell(const Config& config) : DenseCell("GRUCell", "GRUCell", config) {}
};

const RegisterLayer<GRULayer> registered{
    "GRU",
    {},
    {Config::object({{"units", 4}}),
     Config::object({{"units", 17}, {"return_sequences", true}, {"return_state", true}}),
     Config::object({{"units", 5}, {"reset_after", false}, {"return_sequences", true}, {"go_backwards", true}}),
     Config::object({{"units", 5}, {"activation", "gelu"}, {"use_bias", false}}),
     Config::object({{"units", 3}, {"reset_after", false}, {"recurrent_dropout", 0.3}}),
     Config::object({{"units", 3}, {"dropout", 0.2}, {"recurrent_dropout", 0.3}})}};
const RegisterLayer<GRUCell> registered_cell{"GRUCell", {}, {Config::object({{"units", 4}})}};

}  // namespace
}  // namespace batchwise
