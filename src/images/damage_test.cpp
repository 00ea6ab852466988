// Facts of damaged images: whatever happened to the bytes, a decoder gives an image or an Error.
#include <algorithm>
#include <filesystem>
#include <string>

#include <batchwise/error.h>
#include <gtest/gtest.h>

#include "base/input_file.h"
#include "base/random.h"
#include "images/flat_image_test.h"
#include "images/image_decoder.h"
#include "images/resizer.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

// The corpus: every file of the golden folder, and pictures as no program writes them.
std::vector<std::string> corpus() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(kGolden))
    if (entry.is_regular_file() && entry.file_size() < 8192 && entry.path().extension() != ".json")
      files.push_back(InputFile(entry.path().string()).read_all(1 << 20));
  std::sort(files.begin(), files.end());
  return files;
}

// Decodes into a resize, with memory that ends where the file ends. True: an image.
bool survives(ImageDecoder& decoder, const std::string& bytes, int channels) {
  const std::vector<uint8_t> exact(bytes.begin(), bytes.end());
  ResizeSettings settings;
  settings.height = 5;
  settings.width = 6;
  Resizer resizer(settings);
  std::vector<float> out(static_cast<size_t>(5 * 6 * channels));
  resizer.set_output(out.data());
  try {
    decoder.decode(exact, channels, resizer, "file");
    return true;
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("[file] "), 0u) << error.what();
    return false;
  }
}

TEST(DamagedImages, AreImagesOrErrorsWhateverChanged) {
  const std::vector<std::string> files = corpus();
  ASSERT_GE(files.size(), 90u);
  ImageDecoder decoder;
  int64_t images = 0, refused = 0;
  for (size_t f = 0; f < files.size(); ++f)
    for (uint64_t change = 0; change < 24; ++change) {
      std::string bytes = files[f];
      if (bytes.empty()) continue;
      const auto random = philox(f, change, 0);
      const size_t at = random[0] % bytes.size();
      switch (change % 6) {
        case 0: bytes.resize(at); break;
        case 1: bytes[at] = static_cast<char>(random[1]); break;
        case 2: bytes[at % 64 % bytes.size()] = static_cast<char>(random[1]); break;  // in the header
        case 3: bytes.insert(at, 1 + random[1] % 40, static_cast<char>(random[2])); break;
        case 4: bytes.erase(at, 1 + random[1] % 40); break;
        case 5: bytes.replace(at, bytes.size() - at, files[(f + 1 + random[1]) % files.size()]); break;
      }
      survives(decoder, bytes, change % 3 == 0 ? 3 : change % 3 == 1 ? 1 : 4) ? ++images : ++refused;
    }
  EXPECT_GT(images, 100);
  EXPECT_GT(refused, 500);
}

TEST(DamagedImages, DoNotSpoilTheNextImage) {
  ImageDecoder decoder;
  const std::string whole = InputFile(kGolden + "/photos/Bees/base_420.jpg").read_all(1 << 20);
  EXPECT_TRUE(survives(decoder, whole, 3));
  for (size_t cut = 1; cut < whole.size(); cut += 97) EXPECT_FALSE(survives(decoder, whole.substr(0, cut), 3));
  EXPECT_TRUE(survives(decoder, whole, 3));
}

// Headers that promise what would fill the memory, in files of some dozen bytes.
TEST(DamagedImages, WithHugeHeadersAreRefusedAtOnce) {
  ImageDecoder decoder;
  const std::string jpeg = InputFile(kGolden + "/photos/Bees/base_420.jpg").read_all(1 << 20);
  const size_t frame = jpeg.find("\xff\xc0");
  ASSERT_NE(frame, std::string::npos);
  std::string huge = jpeg;
  huge.replace(frame + 5, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(survives(decoder, huge, 3));
  huge.replace(frame + 5, 4, "\x2a\xf8\x2a\xf8");  // 11000 x 11000, which may be decoded but not from so little
  EXPECT_FALSE(survives(decoder, huge, 3));
  std::string gif = InputFile(kGolden + "/photos/café/still.gif").read_all(1 << 20);
  gif.replace(6, 4, "\xff\xff\xff\xff");
  EXPECT_FALSE(survives(decoder, gif, 3));
  std::string bmp = InputFile(kGolden + "/photos/Bees/rgb24.bmp").read_all(1 << 20);
  bmp.replace(18, 8, std::string("\xff\xff\xff\x7f\xff\xff\xff\x7f"));
  EXPECT_FALSE(survives(decoder, bmp, 3));
  bmp.replace(18, 8, std::string("\x01\x00\x00\x00\x00\x00\x00\x80", 8));  // a height that has no absolute value
  EXPECT_FALSE(survives(decoder, bmp, 3));
  const std::string png = InputFile(kGolden + "/refused/huge_dims.png").read_all(1 << 20);
  EXPECT_FALSE(survives(decoder, png, 3));
}

// As TensorFlow does with a warning: what is missing is grey. Whoever asks is told.
TEST(DamagedImages, ThatDecodeWithAGuessSaySoAndWholeOnesDoNot) {
  ImageDecoder decoder;
  const std::string whole = InputFile(kGolden + "/photos/Bees/base_420.jpg").read_all(1 << 20);
  const std::string cut = whole.substr(0, whole.size() * 3 / 4) + "\xff\xd9";
  ASSERT_TRUE(survives(decoder, cut, 3));
  EXPECT_NE(std::string(decoder.warning()).find("premature end"), std::string::npos) << decoder.warning();
  EXPECT_TRUE(survives(decoder, whole, 3));
  EXPECT_STREQ(decoder.warning(), "");
  survives(decoder, cut, 3);
  EXPECT_TRUE(survives(decoder, InputFile(kGolden + "/photos/café/still.gif").read_all(1 << 20), 3));
  EXPECT_STREQ(decoder.warning(), "");
}

// Flat gray takes the fewest bits that there are: 2 for a block, 1 where it is progressive.
TEST(DamagedImages, AreNotThoseThatSayMuchInFewBytes) {
  ImageDecoder decoder;
  for (const bool progressive : {false, true}) {
    const std::string flat = flat_jpeg(4000, progressive);
    EXPECT_LT(flat.size(), size_t{4000 / 8 * 4000 / 8 * 3 / (progressive ? 4 : 2)});
    EXPECT_TRUE(survives(decoder, flat, 1)) << flat.size();
  }
}

}  // namespace
}  // namespace batchwise
