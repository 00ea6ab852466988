// transformer: two blocks of self-attention for texts as numbers of words, with learned positions.
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

constexpr int64_t kWords = 20000, kWidth = 64, kHeads = 2, kBlocks = 2;

Symbol residual(const Symbol& x, const Symbol& change, const std::string& name) {
  const Symbol dropped = built("Dropout", {{"rate", 0.1}}, name + "_dropout")(change);
  return built("LayerNormalization", {{"epsilon", 1e-6}},
               name + "_norm")(built("Add", {}, name + "_add")({x, dropped}));
}

Symbol block(const Symbol& x, const std::string& name) {
  CallForm form;
  form.roles = {"", "1"};
  const Symbol attended = built("MultiHeadAttention", {{"num_heads", kHeads}, {"key_dim", kWidth / kHeads}},
                                name + "_attention")({x, x}, form);
  const Symbol y = residual(x, attended, name + "_attention");
  const Symbol hidden = built("Dense", {{"units", kWidth}, {"activation", "relu"}}, name + "_hidden")(y);
  return residual(y, built("Dense", {{"units", kWidth}}, name + "_output")(hidden), name + "_output");
}

Model make(const BuiltinInput& input) {
  require(input.shape.rank() == 1 && input.shape[0] >= 2, "transformer",
          "samples must be texts as numbers of words, of shape (words). Got ", input.shape, ".");
  const Symbol words = Input(input.shape, {.dtype = input.dtype});
  Symbol x = built("Embedding", {{"input_dim", kWords}, {"output_dim", kWidth}}, "words")(words);
  x = built("EinsumDense",
            {{"equation", "btc,cd->btd"}, {"output_shape", Config::List{input.shape[0], kWidth}}, {"bias_axes", "td"}},
            "positions")(x);
  for (int64_t i = 0; i < kBlocks; ++i) x = block(x, "block" + std::to_string(i + 1));
  x = built("GlobalAveragePooling1D", {}, "average")(x);
  x = built("Dropout", {{"rate", 0.1}}, "dropout")(x);
  return Model(words, built("Dense", {{"units", input.classes}, {"activation", "softmax"}}, "predictions")(x),
               "transformer");
}

const RegisterBuiltin registered{
    "transformer", {"two blocks of self-attention, for texts as numbers of words", {{200}, DType::Int32, 2}, make}};

}  // namespace
}  // namespace batchwise
