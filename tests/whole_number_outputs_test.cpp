// Models whose outputs are whole numbers: predicted in their own dtype, beside others, and never trained.
#include <filesystem>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

LayerRef operation(const char* key, const Config& config) { return make_layer({key, config}); }

const Array kRows = Array::from(std::vector<float>{0.5f, 2, -1, 3, 0, 1, 4, 4}, {2, 4});

std::vector<int32_t> places(const Array& array) {
  return {array.data<int32_t>(), array.data<int32_t>() + array.count()};
}

TEST(WholeNumberOutputs, LookupsGiveWhatKerasGives) {
  const Symbol words = Input({2}, {.dtype = DType::String});
  Model model(words, operation("StringLookup", Config::object({{"vocabulary", Config::List{"red", "green"}}}))(words));
  model.initialize(1);
  const Array numbers = model.predict(Array::text({"red", "blue", "green", "red"}, {2, 2}), {.verbose = 0});
  EXPECT_EQ(numbers.dtype(), DType::Int64);
  EXPECT_EQ((std::vector<int64_t>{numbers.data<int64_t>(), numbers.data<int64_t>() + 4}),
            (std::vector<int64_t>{1, 0, 2, 1}));
}

TEST(WholeNumberOutputs, VectorsOfLookupsAreWholeUnlessFloatsStandBesideThem) {
  const Array colours = Array::text({"red", "blue", "green", "red"}, {2, 2});
  for (const char* mode : {"multi_hot", "count", "one_hot", "tf_idf"}) {
    Config config = Config::object({{"vocabulary", Config::List{"red", "green"}}, {"output_mode", mode}});
    if (mode == std::string("tf_idf")) config.set("idf_weights", Config::List{1, 2});
    const Symbol words = Input({2}, {.dtype = DType::String});
    const Symbol hot = operation("StringLookup", config)(words);
    Model model(words, hot);
    model.initialize(1);
    EXPECT_EQ(model.predict(colours, {.verbose = 0}).dtype(),
              mode == std::string("tf_idf") ? DType::Float32 : DType::Int64)
        << mode;
    if (hot.shape().rank() != 1) continue;
    const Symbol numbers = Input({1}, {"numbers"});
    EXPECT_EQ(Reshape({-1, 1})(hot).dtype(), hot.dtype()) << mode;
    EXPECT_EQ(make_layer({"ops.numpy.Concatenate", Config::object({{"axis", -1}})})({hot, numbers}).dtype(),
              DType::Float32)
        << mode;
  }
}

Model with_both() {
  const Symbol x = Input({4}, {"x"});
  const std::vector<Symbol> top = operation("ops.math.TopK", Config::object({{"k", 2}})).outputs({x});
  const Model inner(std::vector{x}, top, "inner");
  const Symbol y = Input({4}, {"y"});
  const std::vector<Symbol> both = LayerRef(inner).outputs({y});
  Model model(std::vector{y}, std::vector{Dense({.units = 1}).named("head")(both[0]), both[1]});
  model.initialize(1);
  return model;
}

TEST(WholeNumberOutputs, StandBesideOthersAlsoOfAModelInside) {
  const Model model = with_both();
  EXPECT_EQ(model.outputs()[0].dtype(), DType::Float32);
  EXPECT_EQ(model.outputs()[1].dtype(), DType::Int32);
  for (const bool streamed : {false, true}) {
    const Dataset data = streamed ? Dataset(kRows).map([](const Element& e) { return e; }) : Dataset(kRows);
    const std::vector<Array> outputs = model.predict_outputs(data, {.verbose = 0});
    EXPECT_EQ(outputs[0].dtype(), DType::Float32);
    EXPECT_EQ(places(outputs[1]), (std::vector<int32_t>{3, 1, 2, 3}));
  }
  const std::string path = (std::filesystem::path(::testing::TempDir()) / "bw_whole_numbers.keras").string();
  model.save(path);
  EXPECT_EQ(places(Model::load(path).predict_outputs(kRows, {.verbose = 0})[1]), (std::vector<int32_t>{3, 1, 2, 3}));
}

TEST(WholeNumberOutputs, HaveNoLossAndNoMetric) {
  Model model = with_both();
  EXPECT_THROW(model.compile({.optimizer = SGD(), .loss = MeanSquaredError()}), Error);
  model.compile({.optimizer = SGD(), .losses = {MeanSquaredError(), {}}});
  model.fit(Dataset({kRows}, {Array::from(std::vector<float>{1, 2}, {2, 1}), Array(DType::Int32, {2, 2})}),
            {.batch_size = 2, .verbose = 0});
}

}  // namespace
}  // namespace batchwise
