// Facts of resizing: Keras's pixels for every interpolation and aspect ratio, whatever the order of the channels.
#include "images/resizer.h"

#include <cmath>
#include <cstdlib>

#include <string>

#include <gtest/gtest.h>

#include "base/input_file.h"
#include "formats/json/json.h"
#include "formats/npz/npz.h"
#include "images/image_decoder.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

// "Bees/wide.jpg|24x20|bilinear|plain|rgb"
struct Case {
  std::string file;
  ResizeSettings settings;
  int channels = 3;

  explicit Case(std::string text) {
    std::vector<std::string> parts;
    for (size_t bar; (bar = text.find('|')) != std::string::npos; text.erase(0, bar + 1))
      parts.push_back(text.substr(0, bar));
    file = parts.at(0);
    settings.height = std::atoi(parts.at(1).c_str());
    settings.width = std::atoi(parts.at(1).c_str() + parts.at(1).find('x') + 1);
    settings.interpolation = interpolation_named(parts.at(2));
    settings.aspect_ratio = parts.at(3) == "plain"                  ? AspectRatio::Stretch
                            : parts.at(3) == "crop_to_aspect_ratio" ? AspectRatio::Crop
                                                                    : AspectRatio::Pad;
    channels = text == "rgb" ? 3 : text == "rgba" ? 4 : 1;
  }
  std::vector<float> resized() const {
    const std::string bytes = InputFile(kGolden + "/photos/" + file).read_all(1 << 24);
    std::vector<float> out(static_cast<size_t>(settings.height * settings.width * channels), -1.0f);
    Resizer resizer(settings);
    resizer.set_output(out.data());
    ImageDecoder decoder;
    decoder.decode({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, channels, resizer, file);
    return out;
  }
};

TEST(Resizing, GivesKerasPixelsForEveryInterpolationAndAspectRatio) {
  const Config expected = read_json(kGolden + "/expected.json");
  const NpzReader pixels(kGolden + "/resized_float.npz");
  int compared = 0;
  for (const auto& [array, key] : expected.at("resized_float.npz").as_object()) {
    const Case one(key.as_string());
    const std::vector<float> mine = one.resized();
    const Array theirs = pixels.read(array).cast(DType::Float32);
    ASSERT_EQ(theirs.count(), static_cast<int64_t>(mine.size())) << key.as_string();
    float worst = 0;
    for (size_t i = 0; i < mine.size(); ++i) worst = std::max(worst, std::abs(mine[i] - theirs.data<float>()[i]));
    EXPECT_LE(worst, 1e-3f) << key.as_string();
    ++compared;
  }
  EXPECT_EQ(compared, 97);
}

TEST(Resizing, GivesKerasGreyLevelsAtTheSizeOfTraining) {
  const Config expected = read_json(kGolden + "/expected.json");
  const NpzReader pixels(kGolden + "/resized_uint8_128.npz");
  for (const auto& [array, key] : expected.at("resized_uint8_128.npz").as_object()) {
    const std::vector<float> mine = Case(key.as_string()).resized();
    const Array theirs = pixels.read(array);
    int64_t equal = 0;
    for (size_t i = 0; i < mine.size(); ++i) {
      const float level = std::min(std::max(std::nearbyint(mine[i]), 0.0f), 255.0f);
      const float difference = std::abs(level - static_cast<float>(theirs.data<uint8_t>()[i]));
      ASSERT_LE(difference, 1) << key.as_string();
      equal += difference == 0;
    }
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(mine.size())) << key.as_string();
  }
}

TEST(Resizing, PutsChannelsFirstWhenAsked) {
  Case one("Bees/base_420.jpg|7x5|bicubic|plain|rgb");
  const std::vector<float> last = one.resized();
  one.settings.channels_first = true;
  const std::vector<float> first = one.resized();
  for (size_t p = 0; p < 35; ++p)
    for (size_t c = 0; c < 3; ++c) ASSERT_EQ(first[c * 35 + p], last[p * 3 + c]);
}

TEST(Resizing, WritesEveryElementForSizesFromOneOn) {
  for (const std::string& name : interpolation_names())
    for (const char* mode : {"plain", "crop_to_aspect_ratio", "pad_to_aspect_ratio"})
      for (const char* size : {"1x1", "1x300", "300x1", "33x8", "8x33"})
        for (const char* file : {"Bees/one.png", "Bees/wide.jpg"}) {
          const Case one(std::string(file) + "|" + size + "|" + name + "|" + mode + "|rgb");
          for (float value : one.resized()) ASSERT_TRUE(value >= -60 && value <= 320) << name << mode << size << value;
        }
}

// The formula, one pixel after another.
std::vector<float> plain_bilinear(const std::vector<uint8_t>& image, int64_t h, int64_t w, int64_t c, int64_t to_h,
                                  int64_t to_w) {
  std::vector<float> out;
  const auto between = [](float a, float b, float t) { return a + (b - a) * t; };
  const auto place = [](int64_t o, int64_t from, int64_t to, int64_t* low, int64_t* high) {
    const float at = (static_cast<float>(o) + 0.5f) * (static_cast<float>(from) / static_cast<float>(to)) - 0.5f;
    *low = std::max<int64_t>(static_cast<int64_t>(std::floor(at)), 0);
    *high = std::min<int64_t>(static_cast<int64_t>(std::ceil(at)), from - 1);
    return at - std::floor(at);
  };
  for (int64_t y = 0; y < to_h; ++y)
    for (int64_t x = 0; x < to_w; ++x)
      for (int64_t k = 0; k < c; ++k) {
        int64_t top, bottom, left, right;
        const float down = place(y, h, to_h, &top, &bottom), across = place(x, w, to_w, &left, &right);
        const auto pixel = [&](int64_t i, int64_t j) {
          return static_cast<float>(image[static_cast<size_t>((i * w + j) * c + k)]);
        };
        out.push_back(between(between(pixel(top, left), pixel(top, right), across),
                              between(pixel(bottom, left), pixel(bottom, right), across), down));
      }
  return out;
}

TEST(Resizing, BilinearHasTheBitsOfTheFormulaForAnySizes) {
  for (int64_t h : {2, 3, 7, 40})
    for (int64_t w : {2, 5, 16, 61})
      for (int channels : {1, 3, 4}) {
        std::vector<uint8_t> image(static_cast<size_t>(h * w * channels));
        for (size_t i = 0; i < image.size(); ++i) image[i] = static_cast<uint8_t>(i * i * 37 % 251);
        for (int64_t to_h : {1, 2, 3, 13, 50})
          for (int64_t to_w : {1, 2, 3, 4, 9, 17, 64}) {
            ResizeSettings settings;
            settings.height = to_h;
            settings.width = to_w;
            Resizer resizer(settings);
            constexpr float kMark = -77;
            std::vector<float> out(static_cast<size_t>(to_h * to_w * channels) + 1, kMark);
            resizer.set_output(out.data());
            resizer.begin(h, w, channels);
            for (int64_t y = 0; y < h; ++y) {
              std::copy_n(image.begin() + y * w * channels, w * channels, resizer.row());
              resizer.row_done();
            }
            ASSERT_EQ(out.back(), kMark) << "written behind the image";
            out.pop_back();
            ASSERT_EQ(out, plain_bilinear(image, h, w, channels, to_h, to_w)) << h << w << channels << to_h << to_w;
          }
      }
}

// Takes all rows, and says that none is wanted but some.
class SomeRows : public WholeImage {
 public:
  explicit SomeRows(int64_t step) : step_(step) {}
  bool wants_row() const override { return y_ % step_ == 0; }
  void row_done() override {
    WholeImage::row_done();
    ++y_;
  }

 private:
  int64_t step_, y_ = 0;
};

TEST(Resizing, RowsThatAreNotWantedDoNotChangeTheOthers) {
  for (const char* name :
       {"Bees/base_420.jpg", "Bees/base_422.jpeg", "Bees/base_444.jpg", "Bees/prog.jpg", "Bees/gray.jpg",
        "Bees/cmyk.jpg", "café/restart.jpg", "café/opt_prog_444.jpg", "Bees/low_q10.jpg"}) {
    const std::string bytes = InputFile(kGolden + "/photos/" + name).read_all(1 << 24);
    const std::span<const uint8_t> file(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    ImageDecoder decoder;
    WholeImage whole;
    decoder.decode(file, 3, whole, name);
    for (int64_t step : {2, 3, 5, 7, 11, 1000}) {
      SomeRows some(step);
      decoder.decode(file, 3, some, name);
      ASSERT_EQ(some.height, whole.height);
      const auto row = static_cast<size_t>(whole.width * 3);
      for (int64_t y = 0; y < whole.height; y += step)
        ASSERT_TRUE(std::equal(whole.pixels.begin() + y * static_cast<int64_t>(row),
                               whole.pixels.begin() + (y + 1) * static_cast<int64_t>(row),
                               some.pixels.begin() + y * static_cast<int64_t>(row)))
            << name << " row " << y << " of every " << step;
    }
  }
}

TEST(Resizing, KeepsAnImageOfTheRightSizeAsItIs) {
  ResizeSettings settings;
  settings.height = 3;
  settings.width = 2;
  for (Interpolation interpolation : {Interpolation::Bilinear, Interpolation::Nearest, Interpolation::Bicubic,
                                      Interpolation::Area, Interpolation::Lanczos3}) {
    settings.interpolation = interpolation;
    Resizer resizer(settings);
    std::vector<float> out(6);
    resizer.set_output(out.data());
    for (int again = 0; again < 2; ++again) {
      resizer.begin(3, 2, 1);
      for (uint8_t y = 0; y < 3; ++y) {
        resizer.row()[0] = static_cast<uint8_t>(10 * y);
        resizer.row()[1] = static_cast<uint8_t>(10 * y + 1);
        resizer.row_done();
      }
      for (int i = 0; i < 6; ++i) EXPECT_NEAR(out[static_cast<size_t>(i)], 10 * (i / 2) + i % 2, 1e-4);
    }
  }
}

// A few hundred thousand bytes of PNG may say that an image is a hundred million pixels high.
TEST(Resizing, ByAreaIsRefusedWhereAnOutputCoversTooMuch) {
  Resizer resizer(ResizeSettings{.height = 256, .width = 256, .interpolation = Interpolation::Area});
  EXPECT_THROW(resizer.begin(134217727, 1, 1), Error);
  EXPECT_THROW(resizer.begin(1, 134217727, 1), Error);
  EXPECT_NO_THROW(resizer.begin(4096, 4096, 1));
}

}  // namespace
}  // namespace batchwise
