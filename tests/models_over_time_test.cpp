// Whole models inside TimeDistributed: as Keras reads, runs, trains and writes them (tests/golden/make/video.py).
#include <cmath>
#include <filesystem>

#include <batchwise/batchwise.h>
#include <gtest/gtest.h>

#include "formats/npz/npz.h"

namespace batchwise {
namespace {

const std::string kVideo = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/video/";

std::string temporary(const std::string& name) { return (std::filesystem::path(::testing::TempDir()) / name).string(); }

void expect_near(const Array& got, const Array& wanted, double tolerance, const std::string& what) {
  ASSERT_EQ(got.shape(), wanted.shape()) << what;
  for (int64_t i = 0; i < got.count(); ++i)
    ASSERT_NEAR(got.data<float>()[i], wanted.data<float>()[i], tolerance) << what << " " << i;
}

class ModelsOverTime : public ::testing::TestWithParam<const char*> {
 protected:
  std::string name() const { return GetParam(); }
  Model model() const { return Model::load(kVideo + name() + ".keras"); }
  std::map<std::string, Array> golden() const {
    std::map<std::string, Array> all;
    const NpzReader file(kVideo + name() + ".npz");
    for (const NpzMember& member : file.members()) all.emplace(member.name, file.read(member.name));
    return all;
  }
};

TEST_P(ModelsOverTime, PredictAndTrainAsInKeras) {
  Model model = this->model();
  auto wanted = golden();
  expect_near(model.predict(wanted["x"], {.verbose = 0}), wanted["predicted"], 2e-6, "before");
  const History history =
      model.fit(wanted["x"], wanted["y"], {.batch_size = 8, .epochs = 2, .shuffle = Shuffle::No, .verbose = 0});
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(history["loss"][i], wanted["loss"].data<float>()[i], 1e-5) << i;
  expect_near(model.predict(wanted["x"], {.verbose = 0}), wanted["after"], 2e-5, "after");
  const std::vector<Array> weights = model.get_weights();
  for (size_t i = 0; i < weights.size(); ++i)
    expect_near(weights[i], wanted["w" + std::to_string(i)], 2e-5, model.weights()[i]->path);
  EXPECT_EQ(wanted.count("w" + std::to_string(weights.size())), 0u);
}

TEST_P(ModelsOverTime, ComeBackFromFilesAndCopies) {
  const Model model = this->model();
  auto wanted = golden();
  for (const char* ending : {".keras", ".h5"}) {
    const std::string path = temporary("bw_video_" + name() + ending);
    model.save(path);
    const Model again = Model::load(path);
    expect_near(again.predict(wanted["x"], {.verbose = 0}), wanted["predicted"], 2e-6, path);
    for (size_t i = 0; i < model.weights().size(); ++i)
      EXPECT_EQ(again.weights()[i]->learns(), model.weights()[i]->learns()) << path << model.weights()[i]->path;
  }
  expect_near(model.copy().predict(wanted["x"], {.verbose = 0}), wanted["predicted"], 2e-6, "copy");
}

INSTANTIATE_TEST_SUITE_P(OfKeras, ModelsOverTime, ::testing::Values("sequential", "functional", "nested"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ModelOverTime, IsMadeInCodeAndDrawsAnewForEachStep) {
  const Model frames = Sequential({Input({5}), Dropout({.rate = 0.5f}), BatchNormalization()}, "frames");
  Model model = Sequential({Input({2, 5}), TimeDistributed(frames).named("each")});
  model.initialize(1);
  EXPECT_EQ(model.outputs()[0].shape(), Shape({2, 5}));
  model.compile({.optimizer = SGD({.learning_rate = 0.0f}), .loss = "mse", .metrics = {"mae"}});
  // Both steps see the same numbers. Would they be dropped alike, the statistics would be one step's, seen twice.
  Array x(DType::Float32, {64, 2, 5});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = std::sin(static_cast<float>(i / 10 * 5 + i % 5) + 1.0f);
  model.fit(x, x, {.batch_size = 64, .epochs = 1, .verbose = 0});
  const Array two = model.get_weights()[2];
  Model once = Sequential({Input({1, 5}), TimeDistributed(frames).named("each")});
  once.initialize(1);
  once.compile({.optimizer = SGD({.learning_rate = 0.0f}), .loss = "mse"});
  Array first(DType::Float32, {64, 1, 5});
  for (int64_t i = 0; i < 64; ++i)
    for (int64_t k = 0; k < 5; ++k) first.data<float>()[i * 5 + k] = x.data<float>()[i * 10 + k];
  once.fit(first, first, {.batch_size = 64, .epochs = 1, .verbose = 0});
  const Array one = once.get_weights()[2];
  // moving = 0.01 * first, then 0.99 * that + 0.01 * second
  for (int64_t k = 0; k < 5; ++k) EXPECT_GT(std::abs(two.data<float>()[k] - 1.99f * one.data<float>()[k]), 1e-6f) << k;
}

TEST(ModelOverTime, StatesAGraphWithOneEndWithoutAList) {  // Keras calls it on a tensor
  const Symbol input = Input({5}, {"one"});
  const Config config = TimeDistributed(Model(input, ReLU()(input))).layer()->config().at("layer").at("config");
  EXPECT_EQ(config.at("input_layers"), Config(Config::List{"one", 0, 0}));
}

TEST(ModelOverTime, WithAnArgumentThatOnlyBatchwiseHasIsRefused) {
  const Model frames = Sequential({Input({5}), BatchNormalization({.ghost = 4})}, "frames");
  try {
    TimeDistributed(frames);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("[frames] a model in a layer must have nothing"), std::string::npos)
        << error.what();
  }
}

TEST(ModelInAModel, OfGhostStatisticsTravelsInWholeGroups) {
  const Model inner = Sequential({Input({4}), Dense({.units = 3}), BatchNormalization({.ghost = 4})}, "inner");
  for (const bool over_time : {false, true}) {
    const Symbol x = over_time ? Input({2, 4}) : Input({4});
    const Symbol seen =
        over_time ? Flatten()(TimeDistributed(BatchNormalization({.ghost = 4}))(x)) : LayerRef(inner)(x);
    Model model(x, Dense({.units = 1})(seen));
    model.compile({.optimizer = SGD({}), .loss = MeanSquaredError()});
    EXPECT_EQ(model.plan({.batch_size = 1}).grain % 4, 0);
    EXPECT_THROW(model.plan({.batch_size = 8, .grain = 6}), Error);
    const int64_t rows = 5;
    Array features = over_time ? Array(DType::Float32, {rows, 2, 4}) : Array(DType::Float32, {rows, 4});
    for (int64_t i = 0; i < features.shape().count(); ++i) features.data<float>()[i] = static_cast<float>(i % 7);
    Array targets(DType::Float32, {rows, 1});
    std::fill_n(targets.data<float>(), rows, 1.0f);
    const History history = model.fit(features, targets, {.batch_size = 1, .epochs = 1, .verbose = 0});
    EXPECT_TRUE(std::isfinite(history["loss"].back()));
  }
}

}  // namespace
}  // namespace batchwise
