// Facts about Dense that Keras's values do not show.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> dense(Config::Object arguments) {
  return Registry<Layer>::instance().make({"Dense", Config(std::move(arguments))}, "test");
}

std::string error_of(Config::Object arguments) {
  try {
    dense(std::move(arguments));
  } catch (const Error& error) { return error.what(); }
  return "";
}

TEST(Dense, WritesTheConfigOfKeras) {
  EXPECT_EQ(dense({{"units", 4}, {"activation", "relu"}})->config().text(),
            "{\"units\": 4, \"activation\": \"relu\", \"use_bias\": true, \"kernel_initializer\": {\"class_name\": "
            "\"GlorotUniform\", \"config\": {}}, \"bias_initializer\": {\"class_name\": \"Zeros\", \"config\": {}}, "
            "\"kernel_regularizer\": null, \"bias_regularizer\": null, \"activity_regularizer\": null, "
            "\"kernel_constraint\": null, \"bias_constraint\": null}");
}

TEST(Dense, DeclaresItsVariables) {
  const auto layer = dense(
      {{"units", 4}, {"kernel_initializer", "HeNormal"}, {"kernel_constraint", "NonNeg"}, {"bias_regularizer", "L1"}});
  const std::vector<VariableSpec> variables = layer->variables({{2, 7}});
  ASSERT_EQ(variables.size(), 2u);
  EXPECT_EQ(variables[0].name, "kernel");
  EXPECT_EQ(variables[0].shape, (Shape{7, 4}));
  EXPECT_EQ(variables[0].initializer, Spec("HeNormal"));
  EXPECT_EQ(variables[0].constraint, Spec("NonNeg"));
  EXPECT_EQ(variables[1].shape, (Shape{4}));
  EXPECT_EQ(variables[1].regularizer, Spec("L1"));
  EXPECT_EQ(dense({{"units", 4}, {"use_bias", false}})->variables({{7}}).size(), 1u);
  EXPECT_EQ(layer->output_shapes({{2, 7}}), (Shapes{{2, 4}}));
}

TEST(Dense, RefusesWhatItWouldIgnoreOrCannotDo) {
  EXPECT_EQ(error_of({{"units", 0}}), "[Dense] units must be positive. Got 0.");
  EXPECT_EQ(error_of({{"units", 3}, {"unit", 3}}),
            "[Dense] the argument must be one that this layer has. Got \"unit\" = 3. Did you mean \"units\"?");
  EXPECT_NE(error_of({{"units", 3}, {"activation", "reluu"}}).find("Did you mean \"relu\"?"), std::string::npos);
  EXPECT_EQ(error_of({{"units", 3}, {"lora_rank", 2}}), "[Dense] lora_rank must be absent or null. Got 2.");
  EXPECT_THROW(dense({}), Error);
  EXPECT_THROW(dense({{"units", 3}})->output_shapes({Shape{}}), Error);
  EXPECT_THROW(dense({{"units", 3}})->output_shapes({{2}, {2}}), Error);
}

TEST(Dense, FusesReluAndPenalisesItsActivity) {
  const auto layer = dense(
      {{"units", 2},
       {"activation", "relu"},
       {"use_bias", false},
       {"activity_regularizer", Config::object({{"class_name", "L1"}, {"config", Config::object({{"l1", 0.5}})}})}});
  layer->set_name("dense");
  layer->build({{2}});
  const Array x = Array::from<float>({1, 2, -3, 4, 5, -6}, {3, 2}), kernel = Array::from<float>({1, 0, 0, 1}, {2, 2});
  const TrialResult result =
      try_layer(*layer, {x}, {kernel}, {Array::from<float>({1, 1, 1, 1, 1, 1}, {3, 2})}, {.grain = 2});
  const auto output = result.outputs[0].values<float>();
  EXPECT_EQ(std::vector<float>(output.begin(), output.end()), (std::vector<float>{1, 2, 0, 4, 5, 0}));
  EXPECT_DOUBLE_EQ(result.added_loss, 0.5 * (1 + 2 + 4 + 5));
  const float slope = 1 + 0.5f / 3;
  for (size_t i = 0; i < 6; ++i)
    EXPECT_FLOAT_EQ(result.input_gradients[0].values<float>()[i], i == 2 || i == 5 ? 0 : slope) << i;
  EXPECT_EQ(result.kernels, 2);
}

}  // namespace
}  // namespace batchwise
