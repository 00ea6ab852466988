// mlp: one hidden layer of 128, for anything with a fixed number of values per sample.
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

Model make(const BuiltinInput& input) {
  // Whole numbers of other widths are values like any others.
  const DType dtype = input.dtype == DType::UInt8 ? DType::UInt8 : DType::Float32;
  std::vector<LayerRef> layers{Input(input.shape, {.dtype = dtype})};
  if (input.dtype == DType::UInt8) layers.push_back(built("Rescaling", {{"scale", 1 / 255.0}}));
  if (input.shape.rank() != 1) layers.push_back(built("Flatten"));
  layers.push_back(built("Dense", {{"units", 128}, {"activation", "relu"}}));
  layers.push_back(built("Dense", {{"units", input.classes}, {"activation", "softmax"}}));
  return Sequential(std::move(layers), "mlp");
}

const RegisterBuiltin registered{"mlp", {"one hidden layer of 128 units", {{28, 28, 1}, DType::UInt8, 10}, make}};

}  // namespace
}  // namespace batchwise
