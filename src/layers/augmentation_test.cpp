// Random image layers draw from the sample's address: whatever the grain, the same pixels; and they do what they say.
#include <gtest/gtest.h>

#include <set>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> layer_of(const char* name, const Config& config) {
  auto layer = Registry<Layer>::instance().make({name, config}, "test");
  layer->set_name("layer");
  return layer;
}

Array run(Layer& layer, const Array& x, TrialOptions options = {}) {
  options.input_gradients = false;
  return try_layer(layer, {x}, {}, {x}, options).outputs.at(0);
}

float pixel(const Array& x, int64_t n, int64_t h, int64_t w, int64_t c) {
  const Shape& shape = x.shape();
  return x.data<float>()[((n * shape[1] + h) * shape[2] + w) * shape[3] + c];
}

TEST(Augmentation, FlipsMirrorHalfOfTheSamplesAndNoPixelChanges) {
  const auto layer = layer_of("RandomFlip", Config::object({{"mode", "horizontal"}}));
  const Array x = random_array({64, 3, 5, 2}, 1), y = run(*layer, x);
  int flipped = 0;
  for (int64_t n = 0; n < 64; ++n) {
    const bool mirrored = pixel(y, n, 0, 0, 0) == pixel(x, n, 0, 4, 0);
    flipped += mirrored;
    for (int64_t h = 0; h < 3; ++h)
      for (int64_t w = 0; w < 5; ++w)
        for (int64_t c = 0; c < 2; ++c) EXPECT_EQ(pixel(y, n, h, w, c), pixel(x, n, h, mirrored ? 4 - w : w, c));
  }
  EXPECT_GT(flipped, 15);
  EXPECT_LT(flipped, 49);
}

TEST(Augmentation, AQuarterTurnPutsColumnsWhereRowsWere) {
  const auto layer =
      layer_of("RandomRotation", Config::object({{"factor", Config::List{0.25, 0.25}}, {"interpolation", "nearest"}}));
  const Array x = random_array({2, 4, 4, 1}, 2), y = run(*layer, x);
  for (int64_t h = 0; h < 4; ++h)
    for (int64_t w = 0; w < 4; ++w) EXPECT_EQ(pixel(y, 1, h, w, 0), pixel(x, 1, w, 3 - h, 0));
}

TEST(Augmentation, MovesByWholePixelsAndFillsWhatIsLeft) {
  const auto layer = layer_of("RandomTranslation", Config::object({{"height_factor", Config::List{0.5, 0.5}},
                                                                   {"width_factor", 0.0},
                                                                   {"fill_mode", "constant"},
                                                                   {"fill_value", 7.0}}));
  const Array x = random_array({1, 4, 3, 1}, 3), y = run(*layer, x);
  for (int64_t w = 0; w < 3; ++w) {
    EXPECT_EQ(pixel(y, 0, 1, w, 0), 7);
    EXPECT_EQ(pixel(y, 0, 3, w, 0), pixel(x, 0, 1, w, 0));
  }
}

TEST(Augmentation, CropsAreWindowsOfTheImageAndTheMiddleInInference) {
  const auto layer = layer_of("RandomCrop", Config::object({{"height", 2}, {"width", 3}}));
  const Array x = random_array({20, 5, 6, 1}, 4), y = run(*layer, x);
  std::set<std::pair<int64_t, int64_t>> starts;
  for (int64_t n = 0; n < 20; ++n) {
    int found = 0;
    for (int64_t h = 0; h <= 3; ++h)
      for (int64_t w = 0; w <= 3; ++w) {
        bool same = true;
        for (int64_t i = 0; i < 6; ++i)
          same = same && pixel(y, n, i / 3, i % 3, 0) == pixel(x, n, h + i / 3, w + i % 3, 0);
        if (same) starts.emplace(h, w), ++found;
      }
    EXPECT_EQ(found, 1);
  }
  EXPECT_GT(starts.size(), 5u);
  EXPECT_EQ(pixel(run(*layer, x, {.training = false}), 0, 0, 0, 0), pixel(x, 0, 1, 1, 0));
}

TEST(Augmentation, CropsWithoutAChoiceAreThoseOfKeras) {  // by Keras 3.15.1, of the squares of 0, 1, 2, ...
  const auto crop = [](Shape image, int64_t height, int64_t width) {
    Array x(DType::Float32, image);
    for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(i * i);
    return values(run(*layer_of("RandomCrop", Config::object({{"height", height}, {"width", width}})), x));
  };
  EXPECT_EQ(crop({1, 3, 5, 1}, 3, 2), (std::vector<float>{1, 4, 36, 49, 121, 144}));
  EXPECT_EQ(crop({1, 6, 2, 1}, 4, 3),
            (std::vector<float>{16, 20.5f, 25, 36, 42.5f, 49, 64, 72.5f, 81, 100, 110.5f, 121}));
  EXPECT_EQ(crop({1, 2, 2, 1}, 3, 4), (std::vector<float>{0, 0.25f, 0.75f, 1, 2, 2.75f, 4.25f, 5, 4, 5.25f, 7.75f, 9}));
}

TEST(Augmentation, BrightnessAndContrastStayInTheRange) {
  const Array x = random_array({8, 3, 3, 2}, 5);
  const auto bright =
      layer_of("RandomBrightness",
               Config::object({{"factor", Config::List{1.0, 1.0}}, {"value_range", Config::List{-2.0, 2.0}}}));
  const Array whole = run(*bright, x);
  for (float v : whole.values<float>()) EXPECT_EQ(v, 2);
  EXPECT_THROW(layer_of("RandomContrast", Config::object({{"factor", 2.0}})), Error);
}

TEST(Augmentation, TheSamePixelsWhateverTheGrainAndWhereverARunBegins) {
  const Array x = random_array({12, 4, 5, 3}, 6);
  for (const auto& [name, config] : std::vector<std::pair<const char*, Config>>{
           {"RandomFlip", Config(Config::Object{})},
           {"RandomRotation", Config::object({{"factor", 0.3}})},
           {"RandomZoom", Config::object({{"height_factor", 0.3}})},
           {"RandomTranslation", Config::object({{"height_factor", 0.3}, {"width_factor", 0.3}})},
           {"RandomCrop", Config::object({{"height", 3}, {"width", 3}})},
           {"RandomContrast", Config::object({{"factor", 0.5}, {"value_range", Config::List{-9.0, 9.0}}})},
           {"RandomBrightness", Config::object({{"factor", 0.5}, {"value_range", Config::List{-9.0, 9.0}}})}}) {
    SCOPED_TRACE(name);
    const auto layer = layer_of(name, config);
    const auto shapes = layer->output_shapes({{4, 5, 3}});
    const Array dy = random_array(shapes[0].with_batch(12), 7);
    const auto at = [&](const Array& input, const Array& gradient, TrialOptions options) {
      return values(try_layer(*layer, {input}, {}, {gradient}, options).outputs.at(0));
    };
    const std::vector<float> whole = at(x, dy, {.grain = 12});
    EXPECT_EQ(at(x, dy, {.grain = 1}), whole);
    EXPECT_EQ(at(x, dy, {.grain = 5}), whole);
    const std::vector<float> rest = at(x.slice(7, 5), dy.slice(7, 5), {.grain = 2, .first_sample = 7});
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.end() - static_cast<std::ptrdiff_t>(rest.size())));
    EXPECT_NE(at(x, dy, {.grain = 12, .seed = 2}), whole);
  }
}

}  // namespace
}  // namespace batchwise
