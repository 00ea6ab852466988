// Facts of masks in models: they have the first axes of what they mask, whatever stands between.
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

constexpr int64_t kSentences = 3, kWords = 4;

std::string message_of(const std::function<void()>& act) {
  try {
    act();
    return "accepted";
  } catch (const Error& error) { return error.what(); }
}

// Texts of sentences of words; 0 is no word.
Model reader(const LayerRef& of_sentences, int64_t sentences = kSentences) {
  Model model = Sequential({Input({sentences, kWords}, {.dtype = DType::Int32}),
                            Embedding({.input_dim = 20, .output_dim = 5, .mask_zero = true}),
                            TimeDistributed(LSTM({.units = 6})), of_sentences});
  model.initialize(3);
  return model;
}

Array texts(const std::vector<std::vector<int32_t>>& rows) {
  const auto samples = static_cast<int64_t>(rows.size()), words = static_cast<int64_t>(rows[0].size());
  Array x(DType::Int32, {samples, words / kWords, kWords});
  for (int64_t i = 0; i < samples * words; ++i)
    x.data<int32_t>()[i] = rows[static_cast<size_t>(i / words)][static_cast<size_t>(i % words)];
  return x;
}

std::vector<float> predicted(const Model& model, const Array& x) {
  const Array y = model.predict(x, {.verbose = 0});
  return {y.data<float>(), y.data<float>() + y.count()};
}

TEST(MasksInModels, ASentenceCountsThatHasAWord) {
  const std::vector<int32_t> two{3, 4, 0, 0, 5, 6, 7, 0}, other{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  std::vector<int32_t> padded = two;
  padded.resize(kSentences * kWords, 0);
  for (const auto& last : {LSTM({.units = 2}), GRU({.units = 2}), GlobalAveragePooling1D()}) {
    const Model model = reader(last);
    const std::vector<float> alone = predicted(model, texts({padded})), both = predicted(model, texts({other, padded}));
    // Whatever stands beside it.
    EXPECT_EQ(alone, std::vector<float>(both.end() - static_cast<std::ptrdiff_t>(alone.size()), both.end()));
    // As a text of two sentences.
    const Model shorter = Sequential(
        {Input({2, kWords}, {.dtype = DType::Int32}), model.layers()[1], model.layers()[2], model.layers()[3]});
    const std::vector<float> cut = predicted(shorter, texts({two}));
    ASSERT_EQ(cut.size(), alone.size());
    for (size_t i = 0; i < cut.size(); ++i) EXPECT_NEAR(cut[i], alone[i], 1e-6) << i;
  }
}

TEST(MasksInModels, StatisticsAreOfSentencesThatCount) {
  Model model = reader(BatchNormalization());
  model.compile({.optimizer = SGD(), .loss = "mse"});
  const Array x = texts({{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {3, 4, 0, 0, 5, 6, 7, 0, 0, 0, 0, 0}});
  model.fit(Dataset(x, Array(DType::Float32, {2, kSentences, 6})), {.batch_size = 2, .verbose = 0});
  for (const Array& weight : model.get_weights())
    for (int64_t i = 0; i < weight.count(); ++i) EXPECT_TRUE(std::isfinite(weight.data<float>()[i]));
}

TEST(MasksInModels, OfAnotherShapeAreRefused) {
  const Symbol x = Input({5, 3}), mask = Input({4}, {.dtype = DType::Bool});
  CallForm form;
  form.roles = {"", "mask"};
  Model model({x, mask}, LSTM({.units = 2})({x, mask}, form));
  model.initialize(1);
  EXPECT_NE(message_of([&] {
              model.predict(Dataset(std::vector<Array>{Array(DType::Float32, {2, 5, 3}), Array(DType::Bool, {2, 4})},
                                    std::vector<Array>{}),
                            {.verbose = 0});
            }).find("a mask must have the first axes of what it masks"),
            std::string::npos);
}

TEST(MasksInModels, OfStepsBehindChannelsAreRefused) {
  const Symbol x = Input({3, 5}), mask = Input({3}, {.dtype = DType::Bool});
  CallForm form;
  form.roles = {"", "mask"};
  const LayerRef pooling = make_layer({"GlobalAveragePooling1D", Config::object({{"data_format", "channels_first"}})});
  const Model model({x, mask}, pooling({x, mask}, form));
  EXPECT_NE(message_of([&] {
              model.predict(Dataset(std::vector<Array>{Array(DType::Float32, {2, 3, 5}), Array(DType::Bool, {2, 3})},
                                    std::vector<Array>{}),
                            {.verbose = 0});
            }).find("data_format must be channels_last"),
            std::string::npos);
}

TEST(MasksInModels, AttentionAxesAreNamedOnce) {
  const Symbol x = Input({4, 6});
  EXPECT_NE(message_of([&] {
              MultiHeadAttention({.num_heads = 2, .key_dim = 3, .attention_axes = Config(Config::List{1, 1})})({x, x});
            }).find("name each axis once"),
            std::string::npos);
}

}  // namespace
}  // namespace batchwise
