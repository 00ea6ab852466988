// Facts of the memory of decoders: what a budget has no memory for is refused before any of it is taken.
#include "images/decoding_memory.h"

#include <malloc.h>

#include <optional>
#include <string>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <gtest/gtest.h>

#include "base/input_file.h"
#include "images/flat_image_test.h"
#include "images/image_decoder.h"
#include "images/resizer.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

// Rows that tell how much of the heap is in use when they begin.
class Watched : public Resizer {
 public:
  Watched() : Resizer(ResizeSettings{.height = 4, .width = 4}) { set_output(out_); }
  void begin(int64_t height, int64_t width, int channels) override {
    began = true;
    Resizer::begin(height, width, channels);
  }
  bool began = false;

 private:
  float out_[4 * 4 * 4];
};

// "" when it decodes.
std::string refusal(ImageDecoder& decoder, const std::string& file, int channels = 3, bool* began = nullptr) {
  Watched rows;
  std::string said;
  try {
    decoder.decode({reinterpret_cast<const uint8_t*>(file.data()), file.size()}, channels, rows, "file");
  } catch (const BudgetError& error) { said = error.what(); }
  if (began) *began = rows.began;
  return said;
}

int64_t in_use() {
  const struct mallinfo2 heap = ::mallinfo2();
  return static_cast<int64_t>(heap.uordblks + heap.hblkhd);
}

TEST(DecodingMemory, IsRefusedToWhatIsHeldAsAWholeAndNotToWhatIsReadByRows) {
  ImageDecoder decoder;
  const DecodingLimit limit(MiB(64), MiB(8), 2);
  for (const std::string& large : {flat_png(3000, true), flat_jpeg(3000, true)}) {
    bool began = true;
    const int64_t before = in_use();
    const std::string said = refusal(decoder, large, 3, &began);
    EXPECT_FALSE(began);
    EXPECT_LT(in_use() - before, KiB(512));
    EXPECT_NE(said.find("[file] an image must fit what the budget, 64.0 MiB, leaves for decoding, 5.00 MiB"),
              std::string::npos)
        << said;
    EXPECT_NE(said.find("Got 3000 x 3000 pixels"), std::string::npos) << said;
    EXPECT_NE(said.find("Give at least "), std::string::npos) << said;
  }
  EXPECT_EQ(refusal(decoder, flat_png(3000, false)), "");
  EXPECT_EQ(refusal(decoder, flat_jpeg(3000, false)), "");
}

TEST(DecodingMemory, ThatARefusalNamesIsEnough) {
  ImageDecoder decoder;
  const std::string large = flat_png(2000, true);
  int64_t enough = 0;
  try {
    const DecodingLimit limit(MiB(64), MiB(2), 3);
    Watched rows;
    decoder.decode({reinterpret_cast<const uint8_t*>(large.data()), large.size()}, 3, rows, "file");
  } catch (const BudgetError& error) { enough = error.smallest_budget; }
  ASSERT_GT(enough, MiB(64));
  const int64_t spare = MiB(2) + enough - MiB(64);
  std::optional<DecodingLimit> limit(std::in_place, enough, spare, 3);
  EXPECT_EQ(refusal(decoder, large), "");
  limit.reset();
  limit.emplace(enough, spare - 6, 3);
  EXPECT_NE(refusal(decoder, large), "");
}

TEST(DecodingMemory, IsLimitedWhileALimitLivesAndByTheSmallest) {
  ImageDecoder decoder;
  const std::string large = flat_png(1500, true);  // 6.4 MiB
  EXPECT_EQ(refusal(decoder, large), "");
  {
    const DecodingLimit wide(MiB(64), MiB(10), 1);
    EXPECT_EQ(refusal(decoder, large), "");
    const DecodingLimit narrow(MiB(64), MiB(12), 2);
    EXPECT_EQ(refusal(decoder, large), "");
    const DecodingLimit narrowest(MiB(64), MiB(10), 4);
    EXPECT_NE(refusal(decoder, large), "");
  }
  EXPECT_EQ(refusal(decoder, large), "");
}

TEST(DecodingMemory, OfADecoderIsGivenBackBeyondItsOwn) {
  ImageDecoder decoder;
  const std::string small = flat_png(16, true);
  refusal(decoder, small);
  const int64_t before = in_use();
  EXPECT_EQ(refusal(decoder, flat_png(3000, true)), "");
  EXPECT_EQ(refusal(decoder, flat_jpeg(3000, true)), "");
  EXPECT_LT(in_use() - before, KiB(512));
}

TEST(DecodingMemory, ThatAnImageNeedsIsToldByItsHeader) {
  ImageDecoder decoder;
  const auto needs = [&](const std::string& file, int channels = 3) {
    return decoder.needs({reinterpret_cast<const uint8_t*>(file.data()), file.size()}, channels, "file");
  };
  EXPECT_EQ(needs(flat_png(1000, true)).bytes, 1000 * 1000 * 3 + 4 * 1000 * 3);
  EXPECT_EQ(needs(flat_png(1000, false)).bytes, 4 * 1000 * 3);
  EXPECT_EQ(needs(flat_jpeg(1000, true), 1).bytes, 125 * 125 * 64 * 2 + 48 * 1000 + 4 * 1000);
  EXPECT_EQ(needs(flat_jpeg(1000, false)).width, 1000);
  for (const char* name : {"photos/café/still.gif", "photos/Bees/rgb24.bmp"}) {
    const std::string file = InputFile(kGolden + "/" + name).read_all(1 << 20);
    EXPECT_GT(needs(file).bytes, 0) << name;
    EXPECT_THROW(needs(file.substr(0, 10)), Error) << name;
  }
  EXPECT_EQ(refusal(decoder, flat_png(1000, true)), "");  // as before
}

}  // namespace
}  // namespace batchwise
