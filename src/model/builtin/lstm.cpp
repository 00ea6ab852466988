// lstm: an LSTM of 128 units for sequences: numbers of words, vectors, or the rows of images.
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

constexpr int64_t kWords = 20000;

bool is_integer(DType dtype) { return !is_floating(dtype) && dtype != DType::UInt8 && dtype != DType::Bool; }

Model make(const BuiltinInput& input) {
  const bool words = input.shape.rank() == 1 && is_integer(input.dtype);
  require(
      words || input.shape.rank() == 2 || input.shape.rank() == 3, "lstm",
      "samples must be numbers of words (steps), vectors (steps, features) or images (rows, columns, channels). Got ",
      input.shape, " of ", input.dtype, ".");
  // Whole numbers of other widths are values like any others.
  const DType dtype = words ? DType::Int32 : input.dtype == DType::UInt8 ? DType::UInt8 : DType::Float32;
  std::vector<LayerRef> layers{Input(input.shape, {.dtype = dtype})};
  if (words) layers.push_back(built("Embedding", {{"input_dim", kWords}, {"output_dim", 128}, {"mask_zero", true}}));
  if (dtype == DType::UInt8) layers.push_back(built("Rescaling", {{"scale", 1 / 255.0}}));
  if (input.shape.rank() == 3)
    layers.push_back(
        built("Reshape", {{"target_shape", Config::List{input.shape[0], input.shape[1] * input.shape[2]}}}));
  layers.push_back(built("LSTM", {{"units", 128}}));
  layers.push_back(built("Dense", {{"units", input.classes}, {"activation", "softmax"}}));
  return Sequential(std::move(layers), "lstm");
}

const RegisterBuiltin registered{
    "lstm",
    {"an LSTM of 128 units, for words, sequences of vectors, and rows of images", {{80}, DType::Int32, 2}, make}};

}  // namespace
}  // namespace batchwise
