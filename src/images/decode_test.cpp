// Facts of decoding: TensorFlow's pixels for every kind of file, and refusals for what is damaged.
#include "images/image_decoder.h"

#include <cstdlib>

#include <string>

#include <gtest/gtest.h>

#include "base/input_file.h"
#include "formats/json/json.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

std::string read_whole(const std::string& path) { return InputFile(path).read_all(1 << 24); }

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The pixels, or what the error says.
struct Outcome {
  WholeImage image;
  std::string refusal;
};

Outcome decode(const std::string& file, int channels) {
  ImageDecoder decoder;
  Outcome outcome;
  try {
    decoder.decode(bytes_of(file), channels, outcome.image, "file");
  } catch (const Error& error) { outcome.refusal = error.what(); }
  return outcome;
}

TEST(Decoding, GivesTensorFlowsPixelsByteForByte) {
  const Config expected = read_json(kGolden + "/expected.json");
  const NpzReader pixels(kGolden + "/decoded.npz");
  int compared = 0;
  for (const auto& [array, key] : expected.at("decoded.npz").as_object()) {
    const std::string& name = key.as_string();
    const size_t bar = name.rfind('|');
    const int channels = std::atoi(name.c_str() + bar + 1);
    const Outcome mine = decode(read_whole(kGolden + '/' + name.substr(0, bar)), channels);
    ASSERT_EQ(mine.refusal, "") << name;
    const Array theirs = pixels.read(array);
    ASSERT_EQ(theirs.shape(), (Shape{mine.image.height, mine.image.width, mine.image.channels})) << name;
    int64_t equal = 0;
    int worst = 0;
    for (int64_t i = 0; i < theirs.count(); ++i) {
      const int difference = std::abs(int{theirs.data<uint8_t>()[i]} - int{mine.image.pixels[static_cast<size_t>(i)]});
      equal += difference == 0;
      worst = std::max(worst, difference);
    }
    EXPECT_LE(worst, 1) << name;
    EXPECT_GE(static_cast<double>(equal), 0.999 * static_cast<double>(theirs.count())) << name;
    ++compared;
  }
  EXPECT_GE(compared, 160);
}

TEST(Decoding, TakesAndRefusesTheFilesThatKerasTakesAndRefuses) {
  const Config expected = read_json(kGolden + "/expected.json");
  for (const auto& [name, outcomes] : expected.at("decode").as_object()) {
    const std::string file = read_whole(kGolden + '/' + name);
    for (int channels : {1, 3, 4}) {
      const Config& theirs = outcomes.at("channels" + std::to_string(channels));
      const Outcome mine = decode(file, channels);
      EXPECT_EQ(mine.refusal.empty(), theirs.is_list()) << name << " " << channels << ": " << mine.refusal;
    }
  }
}

}  // namespace
}  // namespace batchwise
