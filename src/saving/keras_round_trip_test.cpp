// Facts of round trips: files that Keras trained and saved, loaded and saved again, keep order, weights, settings and
// state.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "formats/keras/keras_archive.h"
#include "saving/model_config.h"
#include "saving/optimizer_variables.h"

namespace batchwise {
namespace {

const std::string kOurs = BATCHWISE_SOURCE_DIR "/src/saving/testdata/";  // made by make.py there
const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";
std::string saved_again(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_again_" + name + ".keras")).string();
}

std::vector<std::string> layer_names(const Config& config) {
  std::vector<std::string> names;
  for (const Config& layer : config.at("config").at("layers").as_list())
    names.push_back(layer.at("config").at("name").as_string());
  return names;
}

class RoundTrip : public ::testing::TestWithParam<std::string> {};

// The order of layers rules the paths of weights in the file: another order would swap weights of equal shapes.
TEST_P(RoundTrip, LayersLieInKerassOrderAndEverythingComesBack) {
  const std::string path = GetParam();
  const std::string name = std::filesystem::path(path).stem().string();
  const Model model = Model::load(path);
  const KerasArchiveReader theirs(path);
  std::vector<std::string> names;
  for (const auto& layer : model.layers()) names.push_back(layer->name());
  EXPECT_EQ(names, layer_names(theirs.config()));

  model.save(saved_again(name));
  const Model back = Model::load(saved_again(name));
  EXPECT_EQ(model_config(back), model_config(model));
  const auto before = model.weights(), after = back.weights();
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i]->value, after[i]->value) << before[i]->path;
  EXPECT_EQ(back.optimizer_state().iterations, model.optimizer_state().iterations);
  EXPECT_EQ(back.optimizer_state().slots, model.optimizer_state().slots);
  ASSERT_EQ(back.compiled().has_value(), model.compiled().has_value());
  if (!model.compiled()) return;
  EXPECT_EQ(make_optimizer(back.compiled()->optimizer)->config(),
            make_optimizer(model.compiled()->optimizer)->config());
  EXPECT_EQ(back.compiled()->loss, model.compiled()->loss);
  EXPECT_EQ(back.compiled()->losses, model.compiled()->losses);
  EXPECT_EQ(back.compiled()->loss_weights, model.compiled()->loss_weights);
  EXPECT_EQ(back.compiled()->metrics, model.compiled()->metrics);
  EXPECT_EQ(back.compiled()->output_metrics, model.compiled()->output_metrics);
  EXPECT_EQ(back.compiled()->weighted_metrics, model.compiled()->weighted_metrics);

  // Every array of their file has the same place and shape in ours.
  const Hdf5Reader a = theirs.weights(0), b = KerasArchiveReader(saved_again(name)).weights(0);
  for (const std::string& layer : a.children("layers"))
    for (const std::string& i : a.children("layers/" + layer + "/vars")) {
      const std::string at = "layers/" + layer + "/vars/" + i;
      const Shape shape = a.shape_of(at);
      std::vector<float> x(static_cast<size_t>(shape.count())), y(x.size());
      a.read_floats(at, shape, x);
      b.read_floats(at, shape, y);
      EXPECT_EQ(x, y) << at;
    }
  ASSERT_EQ(a.children("optimizer/vars").size(), b.children("optimizer/vars").size());
  const size_t counters = make_optimizer(model.compiled()->optimizer)->schedule() ? 1 : 2;
  for (size_t i = counters; i < a.children("optimizer/vars").size(); ++i) {
    const std::string at = "optimizer/vars/" + std::to_string(i);
    const Shape shape = a.shape_of(at);
    std::vector<float> x(static_cast<size_t>(shape.count())), y(x.size());
    a.read_floats(at, shape, x);
    b.read_floats(at, shape, y);
    EXPECT_EQ(x, y) << at;
  }
}

INSTANTIATE_TEST_SUITE_P(KerassFiles, RoundTrip,
                         ::testing::Values(kOurs + "rmsprop.keras", kOurs + "adam_all.keras", kOurs + "adamw.keras",
                                           kOurs + "sgd.keras", kOurs + "graph.keras", kOurs + "frozen.keras",
                                           kGolden + "fit/mlp_a.keras", kGolden + "fit/mlp_l2.keras",
                                           kGolden + "fit/cnn.keras", kGolden + "fit/cnn_bn.keras",
                                           kGolden + "fit/two_out.keras", kGolden + "keras-files/func_keras.keras",
                                           kGolden + "keras-files/func_keras392.keras",
                                           kGolden + "keras-files/min_flat.keras", kGolden + "keras-files/multi.keras",
                                           kGolden + "keras-files/nest.keras"),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

TEST(KerasRoundTrip, StateFollowsKerassOrderForEveryOptimizer) {
  const auto slots = [](const std::string& name) {
    std::vector<std::string> names;
    const Model model = Model::load(kOurs + name);
    for (const auto& [slot, values] : model.optimizer_state().slots) names.push_back(slot);
    return names;
  };
  const std::vector<std::string> rmsprop = slots("rmsprop.keras");
  ASSERT_EQ(rmsprop.size(), 18u);
  EXPECT_EQ(rmsprop[1], "first_bias_velocity");
  EXPECT_EQ(rmsprop[6], "first_kernel_momentum");
  EXPECT_EQ(rmsprop[17], "last_bias_average_gradient");
  const std::vector<std::string> adam = slots("adam_all.keras");
  ASSERT_EQ(adam.size(), 30u);
  EXPECT_EQ(adam[0], "first_kernel_average");
  EXPECT_EQ(adam[6], "first_kernel_gradient_accumulator");
  EXPECT_EQ(adam[12], "first_kernel_momentum");
  EXPECT_EQ(adam[13], "first_kernel_velocity");
  EXPECT_EQ(adam[29], "last_bias_velocity_hat");
  EXPECT_EQ(slots("frozen.keras").size(), 8u);                                       // a frozen layer has no slots
  EXPECT_EQ(Model::load(kOurs + "adam_all.keras").optimizer_state().iterations, 8);  // of batches: two make an update
}

TEST(KerasRoundTrip, ALossScaleIsLeftAwayAndTheOptimizerInsideGoesOn) {
  const Model model = Model::load(kOurs + "loss_scale.keras"), legacy = Model::load(kOurs + "loss_scale.h5");
  EXPECT_EQ(model.compiled()->optimizer.class_name, "Adam");
  EXPECT_EQ(model.optimizer_state().iterations, 8);
  ASSERT_EQ(model.optimizer_state().slots.size(), 12u);
  EXPECT_EQ(model.optimizer_state().slots[1].first, "first_kernel_velocity");
  EXPECT_EQ(legacy.optimizer_state().iterations, 8);
  EXPECT_EQ(legacy.optimizer_state().slots.size(), 12u);
  for (const auto& [name, values] : model.optimizer_state().slots)
    EXPECT_NE(values, std::vector<float>(values.size())) << name;
}

TEST(KerasRoundTrip, SettingsPerOutputFollowTheOrderOfOutputs) {
  const CompileOptions options = *Model::load(kOurs + "graph.keras").compiled();
  ASSERT_EQ(options.losses.size(), 2u);
  EXPECT_EQ(options.losses[0], Spec("mse"));  // out_b comes first
  EXPECT_EQ(options.loss_weights, (std::vector<double>{2.0, 0.5}));
  ASSERT_EQ(options.output_metrics.size(), 2u);
  EXPECT_EQ(options.output_metrics[0], std::vector<Spec>{"mae"});
  EXPECT_TRUE(options.output_metrics[1].empty());
}

}  // namespace
}  // namespace batchwise
