// Facts of legacy .h5 files: those of Keras 2 and 3 load, ours come back with every setting.
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/layers.h>
#include <batchwise/loss.h>
#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "saving/model_config.h"

#include "formats/hdf5/hdf5_writer.h"

namespace batchwise {
namespace {

const std::string kGolden = BATCHWISE_SOURCE_DIR "/tests/golden/";
const std::string kOurs = BATCHWISE_SOURCE_DIR "/src/saving/testdata/";

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_legacy_" + name)).string();
}

template <class F>
std::string message_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
    return error.what();
  }
  return "accepted";
}

void expect_same(const Model& a, const Model& b) {
  EXPECT_EQ(model_config(a), model_config(b));
  const auto wa = a.weights(), wb = b.weights();
  ASSERT_EQ(wa.size(), wb.size());
  for (size_t i = 0; i < wa.size(); ++i) EXPECT_EQ(wa[i]->value, wb[i]->value) << wa[i]->path;
  EXPECT_EQ(a.optimizer_state().iterations, b.optimizer_state().iterations);
  EXPECT_EQ(a.optimizer_state().slots, b.optimizer_state().slots);
}

TEST(Legacy, AFileOfKeras3LoadsWithItsState) {
  const Model model = Model::load(kGolden + "keras-files/legacy.h5");
  EXPECT_TRUE(model.is_sequential());
  EXPECT_TRUE(model.initialized());
  ASSERT_TRUE(model.compiled());
  EXPECT_EQ(model.compiled()->loss, Spec("mse"));
  EXPECT_EQ(model.compiled()->optimizer.class_name, "Adam");
  EXPECT_GE(model.optimizer_state().iterations, 1);
  ASSERT_EQ(model.optimizer_state().slots.size(), 8u);
  EXPECT_EQ(model.optimizer_state().slots[1].first, "dense_kernel_velocity");
}

class LegacyRoundTrip : public ::testing::TestWithParam<std::string> {};

TEST_P(LegacyRoundTrip, EverythingComesBack) {
  const Model model = Model::load(GetParam());
  const std::string path = temporary(std::filesystem::path(GetParam()).stem().string() + ".h5");
  model.save(path);
  const Model back = Model::load(path);
  expect_same(back, model);
  ASSERT_EQ(back.compiled().has_value(), model.compiled().has_value());
  if (!model.compiled()) return;
  EXPECT_EQ(make_optimizer(back.compiled()->optimizer)->config(),
            make_optimizer(model.compiled()->optimizer)->config());
  const auto same_loss = [](const Spec& a, const Spec& b) {
    EXPECT_EQ(Registry<Loss>::instance().canonical(a.class_name), Registry<Loss>::instance().canonical(b.class_name));
    EXPECT_EQ(a.config, b.config);
  };
  same_loss(back.compiled()->loss, model.compiled()->loss);
  ASSERT_EQ(back.compiled()->losses.size(), model.compiled()->losses.size());
  for (size_t i = 0; i < back.compiled()->losses.size(); ++i)
    same_loss(back.compiled()->losses[i], model.compiled()->losses[i]);
  EXPECT_EQ(back.compiled()->output_metrics, model.compiled()->output_metrics);
}

INSTANTIATE_TEST_SUITE_P(Files, LegacyRoundTrip,
                         ::testing::Values(kOurs + "rmsprop.keras", kOurs + "adam_all.keras", kOurs + "graph.keras",
                                           kOurs + "frozen.keras", kOurs + "adamw.keras", kGolden + "fit/cnn_bn.keras",
                                           kGolden + "keras-files/multi.keras", kGolden + "keras-files/nest.keras",
                                           kGolden + "keras-files/legacy.h5"),
                         [](const auto& file) { return std::filesystem::path(file.param).stem().string(); });

// What tf.keras 2 wrote: layers called by lists, names that end in :0, the slots of the optimizer one after another.
void write_keras2(const std::string& path, const std::string& layer_change = "", const std::string& with = "") {
  AtomicFile file(path);
  Hdf5Writer out(file, 0);
  std::string config =
      R"({"class_name": "Functional", "config": {"name": "old", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
         "config": {"batch_input_shape": [null, 2], "dtype": "float32", "sparse": false, "ragged": false, "name": "x"}},
        {"class_name": "Sequential", "name": "inner", "inbound_nodes": [[["x", 0, 0, {}]], [["d", 0, 0, {}]]],
         "config": {"name": "inner", "layers": [
           {"class_name": "Dense", "config": {"name": "e", "trainable": true, "batch_input_shape": [null, 2],
            "dtype": "float32", "units": 2, "activation": "linear", "use_bias": false, "kernel_initializer":
            {"class_name": "GlorotUniform", "config": {"seed": null}}}}]}},
        {"class_name": "Dense", "name": "d", "inbound_nodes": [[["inner", 1, 0, {}]]], "config": {"name": "d",
         "trainable": true, "dtype": "float32", "units": 2, "activation": "tanh", "use_bias": true}},
        {"class_name": "Add", "name": "sum", "inbound_nodes": [[["inner", 2, 0, {}], ["d", 0, 0, {}]]],
         "config": {"name": "sum", "trainable": true, "dtype": "float32"}}],
       "input_layers": [["x", 0, 0]], "output_layers": [["sum", 0, 0]]}})";
  if (!layer_change.empty()) config.replace(config.find(layer_change), layer_change.size(), with);
  out.attribute("", "model_config", config);
  out.attribute("", "training_config",
                R"({"loss": {"class_name": "MeanSquaredError", "config": {"reduction": "auto", "name": "mse"}},
                  "metrics": [[{"class_name": "MeanMetricWrapper", "config": {"name": "err", "dtype": "float32",
                  "fn": "mean_absolute_error"}}]], "weighted_metrics": null, "loss_weights": null,
                  "optimizer_config": {"class_name": "Adam", "config": {"name": "Adam", "learning_rate": 0.25,
                  "decay": 0.0, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false}}})");
  const float numbers[] = {1, 2, 3, 4};
  out.floats("model_weights/inner/e/kernel:0", {2, 2}, numbers);
  out.attribute("model_weights/inner", "weight_names", std::vector<std::string>{"e/kernel:0"});
  out.floats("model_weights/d/d/kernel:0", {2, 2}, numbers);
  out.floats("model_weights/d/d/bias:0", {2}, {numbers, 2});
  out.attribute("model_weights/d", "weight_names", std::vector<std::string>{"d/kernel:0", "d/bias:0"});
  out.attribute("model_weights/x", "weight_names", std::vector<std::string>{});
  out.attribute("model_weights", "layer_names", std::vector<std::string>{"x", "inner", "d"});
  const std::vector<std::string> names{"Adam/iter:0", "e/m:0",        "d/kernel/m:0", "d/bias/m:0",
                                       "e/v:0",       "d/kernel/v:0", "d/bias/v:0"};
  out.integer("optimizer_weights/Adam/iter:0", 7);
  for (size_t i = 1; i < names.size(); ++i) {
    const bool bias = names[i].find("bias") != std::string::npos;
    const float n = static_cast<float>(i), values[] = {n, n, n, n};
    out.floats("optimizer_weights/" + names[i], bias ? Shape{2} : Shape{2, 2}, {values, bias ? 2u : 4u});
  }
  out.attribute("optimizer_weights", "weight_names", names);
  out.finish();
  file.commit();
}

TEST(Legacy, AFileOfKeras2LoadsWithItsState) {
  write_keras2(temporary("keras2.h5"));
  const Model model = Model::load(temporary("keras2.h5"));
  EXPECT_EQ(model.nodes().size(), 5u);
  EXPECT_EQ(model.layer("d")->weights()[1]->value, (std::vector<float>{1, 2}));
  ASSERT_TRUE(model.compiled());
  EXPECT_EQ(model.compiled()->loss.class_name, "MeanSquaredError");
  ASSERT_EQ(model.compiled()->metrics.size(), 1u);
  EXPECT_EQ(model.compiled()->metrics[0].class_name, "mean_absolute_error");
  EXPECT_EQ(model.compiled()->metrics[0].config.get("name", ""), "err");
  const OptimizerState& state = model.optimizer_state();
  EXPECT_EQ(state.iterations, 7);
  ASSERT_EQ(state.slots.size(), 6u);
  EXPECT_EQ(state.slots[0].second[0], 1);  // the first moment of the first weight
  EXPECT_EQ(state.slots[1].second[0], 4);  // its second moment
}

TEST(Legacy, WhatWouldNotBeReadExactlyIsRefused) {
  const auto refused = [](const std::string& change, const std::string& with) {
    write_keras2(temporary("bad.h5"), change, with);
    return message_of([] { Model::load(temporary("bad.h5")); });
  };
  EXPECT_NE(refused("\"Add\"", "\"Lambda\"").find("never loaded"), std::string::npos);
  EXPECT_NE(refused("\"tanh\"", "\"tanhh\"").find("tanhh"), std::string::npos);
  EXPECT_NE(refused("[\"inner\", 2, 0, {}]", "[\"inner\", 9, 0, {}]").find("call"), std::string::npos);
  EXPECT_NE(refused("\"units\": 2, \"activation\": \"tanh\"", "\"units\": 3, \"activation\": \"tanh\""), "accepted");
  const std::string message = message_of([] { Model::load(kGolden + "keras-files/multi.h5"); });
  EXPECT_NE(message.find("weights alone"), std::string::npos) << message;
}

TEST(Legacy, WeightsOfALegacyFileGoIntoTheirModel) {
  const Model model = Model::load(kGolden + "keras-files/legacy.h5");
  Model other = Sequential({Input({3}), Dense({.units = 4}), Dense({.units = 2})});
  other.load_weights(kGolden + "keras-files/legacy.h5");
  for (size_t i = 0; i < other.weights().size(); ++i) EXPECT_EQ(other.weights()[i]->value, model.weights()[i]->value);
  Model smaller = Sequential({Input({3}), Dense({.units = 4})});
  EXPECT_NE(message_of([&] { smaller.load_weights(kGolden + "keras-files/legacy.h5"); }).find("layers"),
            std::string::npos);
  EXPECT_FALSE(smaller.initialized());
}

}  // namespace
}  // namespace batchwise
