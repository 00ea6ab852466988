// Models whose inputs and outputs have names, as Keras's dicts: read from a file, fed, trained, and written again.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

const std::string kFolder = BATCHWISE_SOURCE_DIR "/src/saving/testdata/";  // make.py there prints the numbers
using Names = std::vector<std::string>;

Array counted(const Shape& shape, float step) {
  Array all(DType::Float32, shape);
  for (int64_t i = 0; i < all.count(); ++i) all.data<float>()[i] = static_cast<float>(i) * step - 1;
  return all;
}

// In the order of the names: age, price; chance, rating.
Dataset data() {
  return Dataset(
      {counted({4, 2}, 0.25f), counted({4, 3}, 0.125f)},
      {Array::from(std::vector<float>{0, 1, 1, 0}, {4, 1}), Array::from(std::vector<float>(8, 1.0f), {4, 2})});
}

void expect_values(const Array& got, const std::vector<float>& wanted) {
  ASSERT_EQ(got.count(), static_cast<int64_t>(wanted.size()));
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(got.data<float>()[i], wanted[i], 2e-6) << i;
}

const std::vector<float> kChance{0.4524870216846466f, 0.47391045093536377f, 0.4954302906990051f, 0.5169671177864075f};

TEST(NamedEnds, AFileOfKerasNamesThemAndPredictsAsKerasDoes) {
  const Model model = Model::load(kFolder + "named.keras");
  EXPECT_EQ(model.input_names(), (Names{"age", "price"}));
  EXPECT_EQ(model.output_names(), (Names{"chance", "rating"}));
  const std::vector<Array> y = model.predict_outputs(data(), {.verbose = 0});
  expect_values(y[0], kChance);
  expect_values(y[1], {-0.6313796639442444f, -0.26313814520835876f, -0.3176826536655426f, -0.15742522478103638f,
                       -0.003985576331615448f, -0.05171230807900429f, 0.3097114562988281f, 0.054000597447156906f});
}

TEST(NamedEnds, LossesAndMetricsOfTheFileAreFoundByTheNames) {
  Model model = Model::load(kFolder + "named.keras");
  const History history = model.fit(data(), {.batch_size = 4, .epochs = 2, .verbose = 0});
  const auto expect_log = [&](const std::string& name, std::vector<double> wanted) {
    for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(history[name][i], wanted[i], 1e-5) << name;
  };
  expect_log("loss", {2.0656986236572266, 1.9624748229980469});
  expect_log("chance_loss", {0.6947762966156006, 0.6945120096206665});
  expect_log("rating_loss", {1.3522921800613403, 1.1469016075134277});
  expect_log("rating_mae", {1.1327013969421387, 1.047918438911438});
}

TEST(NamedEnds, ComeBackFromFilesOfBothKinds) {
  const Model model = Model::load(kFolder + "named.keras");
  for (const char* name : {"bw_named.keras", "bw_named.h5"}) {
    const std::string path = (std::filesystem::path(::testing::TempDir()) / name).string();
    model.save(path);
    const Model back = Model::load(path);
    EXPECT_EQ(back.input_structure(), model.input_structure());
    EXPECT_EQ(back.output_names(), model.output_names());
    EXPECT_EQ(back.compiled()->losses.size(), 2u);
    EXPECT_EQ(back.compiled()->loss_weights, model.compiled()->loss_weights);
    expect_values(back.predict_outputs(data(), {.verbose = 0})[0], kChance);
  }
}

TEST(NamedEnds, AreWrittenDownAsNamesWithTensors) {
  const Symbol low = Input({2}), high = Input({2});
  const Symbol sum = Add()({low, high});
  const Model model({{"low", low}, {"high", high}}, {{"sum", sum}}, "named");
  EXPECT_EQ(model.input_names(), (Names{"high", "low"}));
  EXPECT_EQ(model.inputs()[1].node(), low.node());
  EXPECT_EQ(model.output_names(), Names{"sum"});
  EXPECT_EQ(model.for_shapes({{2}, {2}}).input_names(), model.input_names());
  EXPECT_EQ(model.copy().input_names(), model.input_names());
}

TEST(NamedEnds, TwoOutputsOfOneLayerHaveDifferentNames) {
  const Symbol x = Input({3, 2});
  const std::vector<Symbol> all = LSTM({.units = 2, .return_state = true}).named("lstm").outputs({x});
  const Model model(std::vector{x}, std::vector{all[0], all[2], Dense({.units = 1}).named("lstm_1")(all[1])});
  EXPECT_EQ(model.output_names(), (Names{"lstm", "lstm_2", "lstm_1"}));
}

}  // namespace
}  // namespace batchwise
