// Model::summary against the text that Keras prints.
#include "model/summary.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/model.h>

#include "model/text_table.h"

namespace batchwise {
namespace {

std::string golden(const std::string& name) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/summary/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

LayerRef layer(const std::string& name, Config config = Config(Config::Object{})) {
  return make_layer(Spec(name, std::move(config)));
}

TEST(Summary, OfASequentialModelIsKerass) {
  Model model =
      Sequential({Input({28, 28, 1}), layer("Rescaling", Config::object({{"scale", 1 / 255.0}})),
                  layer("Conv2D", Config::object({{"filters", 32}, {"kernel_size", 3}, {"activation", "relu"}})),
                  layer("MaxPooling2D"), layer("Flatten"), layer("Dropout", Config::object({{"rate", 0.5}})),
                  layer("Dense", Config::object({{"units", 10}, {"activation", "softmax"}}))
                      .named("a_rather_long_name_for_a_dense_layer")},
                 "digits");
  EXPECT_EQ(model.summary(), golden("sequential.txt"));
}

TEST(Summary, OfABranchingModelSaysWhatIsConnectedToWhat) {
  const Symbol input = Input({8, 8, 3});
  const Symbol x = layer("Conv2D", Config::object({{"filters", 4}, {"kernel_size", 3}, {"padding", "same"}}))(input);
  const Symbol y = layer("BatchNormalization")(x);
  const LayerRef shared = layer("ReLU").named("shared");
  const Symbol z = layer("Add")({shared(x), shared(y)});
  const Symbol output =
      layer("Dense", Config::object({{"units", 3}}))(layer("GlobalAveragePooling2D")(layer("Concatenate")({z, input})));
  EXPECT_EQ(Model(input, output, "branches").summary(), golden("branches.txt"));
}

TEST(Summary, OfAFunctionalChainHasNoColumnOfConnections) {
  const Symbol input = Input({8});
  const Symbol hidden = layer("Dense", Config::object({{"units", 1234}}))(input);
  const Symbol output = layer("Dense", Config::object({{"units", 3}})).named("out")(hidden);
  EXPECT_EQ(Model(input, output, "chain").summary(), golden("chain.txt"));
}

TEST(Summary, CountsTheOptimizersVariablesOnceTheyExist) {
  const Symbol input = Input({8});
  Model model(input, layer("Dense", Config::object({{"units", 3}}))(input));
  EXPECT_EQ(model.summary().find("Optimizer params"), std::string::npos);
  model.compile({.optimizer = "Adam", .loss = "MeanSquaredError"});
  model.optimizer_state().iterations = 1;
  model.optimizer_state().slots = {{"momentum", std::vector<float>(27)}, {"velocity", std::vector<float>(27)}};
  EXPECT_NE(model.summary().find(" Total params: 83 (336.00 B)\n"), std::string::npos) << model.summary();
  EXPECT_NE(model.summary().find(" Optimizer params: 56 (228.00 B)\n"), std::string::npos) << model.summary();
}

TEST(Summary, SizesAreInKerassUnits) {
  EXPECT_EQ(keras_size(0), "0.00 B");
  EXPECT_EQ(keras_size(1023), "1023.00 B");
  EXPECT_EQ(keras_size(1024), "1.00 KB");
  EXPECT_EQ(keras_size(217640), "212.54 KB");
  EXPECT_EQ(keras_size(1024.0 * 1024 * 1024 * 1.5), "1.50 GB");
}

TEST(TextTable, CellsBreakAtSpacesAndLongWordsAreCut) {
  EXPECT_EQ(draw_table({{"a", 5}, {"b", 3, true}}, {{"one two", "1"}, {"lengthy", ""}}),
            "┏━━━━━━━┳━━━━━┓\n"
            "┃ a     ┃   b ┃\n"
            "┡━━━━━━━╇━━━━━┩\n"
            "│ one   │   1 │\n"
            "│ two   │     │\n"
            "├───────┼─────┤\n"
            "│ leng… │     │\n"
            "└───────┴─────┘\n");
}

}  // namespace
}  // namespace batchwise
