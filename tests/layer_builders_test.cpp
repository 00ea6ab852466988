// The builders of layers state what Keras's constructors would: the same layers as their names with few arguments.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

void expect_same(const LayerRef& built, const char* name, Config::Object arguments = {}) {
  const LayerRef named = make_layer({name, Config(std::move(arguments))});
  EXPECT_EQ(built.layer()->class_name(), name);
  EXPECT_EQ(built.layer()->config().text(), named.layer()->config().text()) << name;
}

Config sizes(std::initializer_list<int64_t> numbers) {
  Config::List list;
  for (const int64_t number : numbers) list.emplace_back(number);
  return list;
}

TEST(LayerBuilders, ConvolutionsHaveKerassDefaults) {
  const Config::Object line{{"filters", 4}, {"kernel_size", 3}};
  expect_same(Conv1D({.filters = 4, .kernel_size = 3}), "Conv1D", line);
  expect_same(Conv3D({.filters = 4, .kernel_size = 3}), "Conv3D", line);
  expect_same(Conv3D({.filters = 4, .kernel_size = {1, 2, 3}, .activation = "relu"}), "Conv3D",
              {{"filters", 4}, {"kernel_size", sizes({1, 2, 3})}, {"activation", "relu"}});
  expect_same(Conv1DTranspose({.filters = 4, .kernel_size = 3}), "Conv1DTranspose", line);
  expect_same(Conv2DTranspose({.filters = 4, .kernel_size = 3}), "Conv2DTranspose", line);
  expect_same(Conv3DTranspose({.filters = 4, .kernel_size = 3}), "Conv3DTranspose", line);
  expect_same(Conv2DTranspose({.filters = 4, .kernel_size = 3, .strides = 2, .output_padding = 1}), "Conv2DTranspose",
              {{"filters", 4}, {"kernel_size", 3}, {"strides", 2}, {"output_padding", 1}});
  expect_same(DepthwiseConv1D({.kernel_size = 3}), "DepthwiseConv1D", {{"kernel_size", 3}});
  expect_same(DepthwiseConv2D({.kernel_size = 3}), "DepthwiseConv2D", {{"kernel_size", 3}});
  expect_same(SeparableConv1D({.filters = 4, .kernel_size = 3}), "SeparableConv1D", line);
  expect_same(SeparableConv2D({.filters = 4, .kernel_size = 3}), "SeparableConv2D", line);
  expect_same(SpectralNormalization(Dense({.units = 3})), "SpectralNormalization",
              {{"layer", config_of(Spec("Dense", Config::object({{"units", 3}})))}});
}

TEST(LayerBuilders, PoolingsAndBordersHaveKerassDefaults) {
  expect_same(MaxPooling1D(), "MaxPooling1D");
  expect_same(MaxPooling3D(), "MaxPooling3D");
  expect_same(AveragePooling1D(), "AveragePooling1D");
  expect_same(AveragePooling3D({.pool_size = {1, 2, 2}}), "AveragePooling3D", {{"pool_size", sizes({1, 2, 2})}});
  expect_same(GlobalAveragePooling1D(), "GlobalAveragePooling1D");
  expect_same(GlobalAveragePooling3D({.keepdims = true}), "GlobalAveragePooling3D", {{"keepdims", true}});
  expect_same(GlobalMaxPooling1D(), "GlobalMaxPooling1D");
  expect_same(GlobalMaxPooling3D(), "GlobalMaxPooling3D");
  expect_same(AdaptiveAveragePooling1D({.output_size = 2}), "AdaptiveAveragePooling1D", {{"output_size", 2}});
  expect_same(AdaptiveAveragePooling2D({.output_size = 2}), "AdaptiveAveragePooling2D", {{"output_size", 2}});
  expect_same(AdaptiveAveragePooling3D({.output_size = 2}), "AdaptiveAveragePooling3D", {{"output_size", 2}});
  expect_same(AdaptiveMaxPooling1D({.output_size = 2}), "AdaptiveMaxPooling1D", {{"output_size", 2}});
  expect_same(AdaptiveMaxPooling2D({.output_size = 2}), "AdaptiveMaxPooling2D", {{"output_size", 2}});
  expect_same(AdaptiveMaxPooling3D({.output_size = 2}), "AdaptiveMaxPooling3D", {{"output_size", 2}});
  expect_same(UpSampling1D(), "UpSampling1D");
  expect_same(UpSampling2D({.size = {1, 3}}), "UpSampling2D", {{"size", sizes({1, 3})}});
  expect_same(UpSampling3D(), "UpSampling3D");
  expect_same(ZeroPadding1D(), "ZeroPadding1D");
  expect_same(ZeroPadding3D(), "ZeroPadding3D");
  expect_same(Cropping1D(), "Cropping1D");
  expect_same(Cropping2D(), "Cropping2D");
  expect_same(Cropping3D(), "Cropping3D");
  expect_same(Permute({2, 1}), "Permute", {{"dims", sizes({2, 1})}});
  expect_same(RepeatVector(3), "RepeatVector", {{"n", 3}});
}

TEST(LayerBuilders, NormalizationsAndAttentionsHaveKerassDefaults) {
  expect_same(GroupNormalization(), "GroupNormalization");
  expect_same(RMSNormalization(), "RMSNormalization");
  expect_same(UnitNormalization(), "UnitNormalization", {{"axis", sizes({-1})}});
  expect_same(PReLU(), "PReLU");
  expect_same(PReLU({.shared_axes = {1, 2}}), "PReLU", {{"shared_axes", sizes({1, 2})}});
  expect_same(Attention(), "Attention");
  expect_same(AdditiveAttention(), "AdditiveAttention");
  // These two keep initializers in the form that they were given in.
  const Config glorot = config_of(Spec("GlorotUniform")), zeros = config_of(Spec("Zeros"));
  expect_same(MultiHeadAttention({.num_heads = 2, .key_dim = 4}), "MultiHeadAttention",
              {{"num_heads", 2}, {"key_dim", 4}, {"kernel_initializer", glorot}, {"bias_initializer", zeros}});
  expect_same(GroupQueryAttention({.head_dim = 4, .num_query_heads = 4, .num_key_value_heads = 2}),
              "GroupQueryAttention",
              {{"head_dim", 4},
               {"num_query_heads", 4},
               {"num_key_value_heads", 2},
               {"kernel_initializer", glorot},
               {"bias_initializer", zeros}});
}

TEST(LayerBuilders, CellsAndSignalsHaveKerassDefaults) {
  const Config::Object units{{"units", 3}};
  expect_same(SimpleRNNCell({.units = 3}), "SimpleRNNCell", units);
  expect_same(GRUCell({.units = 3}), "GRUCell", units);
  expect_same(LSTMCell({.units = 3}), "LSTMCell", units);
  const auto cell = [](const char* name) { return config_of(Spec(name, Config::object({{"units", 3}}))); };
  expect_same(RNN(LSTMCell({.units = 3})), "RNN", {{"cell", cell("LSTMCell")}});
  const Config::List both{cell("GRUCell"), cell("LSTMCell")};
  expect_same(StackedRNNCells({GRUCell({.units = 3}), LSTMCell({.units = 3})}), "StackedRNNCells", {{"cells", both}});
  expect_same(STFTSpectrogram(), "STFTSpectrogram");
  expect_same(MelSpectrogram(), "MelSpectrogram");
}

TEST(LayerBuilders, AModelOfThemTrainsAndPredicts) {
  const Symbol input = Input({12, 4});
  const Symbol convolved = Conv1D({.filters = 8, .kernel_size = 3, .padding = "same", .activation = "relu"})(input);
  const Symbol attended = MultiHeadAttention({.num_heads = 2, .key_dim = 4})({convolved, convolved});
  const Symbol states = RNN(GRUCell({.units = 5}))(RMSNormalization()(MaxPooling1D()(attended)));
  Model model(input, Dense({.units = 2})(states));
  model.compile({.optimizer = "adam", .loss = "mse"});
  const Array x = Array::from(std::vector<float>(8 * 12 * 4, 0.5f), {8, 12, 4});
  model.fit(x, Array::from(std::vector<float>(16, 1.0f), {8, 2}), {.batch_size = 4, .epochs = 2, .verbose = 0});
  EXPECT_EQ(model.predict(x).shape(), (Shape{8, 2}));
}

}  // namespace
}  // namespace batchwise
