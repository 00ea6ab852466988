// What an Embedding says of ids that its table lacks.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

TEST(Embedding, AnIdThatTheTableLacksNamesTheLayer) {
  for (const std::string kind : {"Embedding", "ReversibleEmbedding"}) {
    const auto layer =
        Registry<Layer>::instance().make(Spec(kind, Config::object({{"input_dim", 5}, {"output_dim", 2}})), "test");
    layer->set_name("words");
    try {
      try_layer(*layer, {Array::from<float>({1, 7}, {1, 2})}, {random_array({5, 2}, 1)});
      FAIL() << kind;
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()), "[words (" + kind + ")] ids must be in [0, 5). Got 7.");
    }
  }
}

}  // namespace
}  // namespace batchwise
