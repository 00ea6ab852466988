// Sizes in bytes: what is read and how they are shown.
#include <batchwise/byte_size.h>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

TEST(ByteSize, ReadsWhatTheCommandLineTakes) {
  EXPECT_EQ(parse_byte_size("4096"), 4096);
  EXPECT_EQ(parse_byte_size("64M"), MiB(64));
  EXPECT_EQ(parse_byte_size("64m"), MiB(64));
  EXPECT_EQ(parse_byte_size("8G"), GiB(8));
  EXPECT_EQ(parse_byte_size("1.5GiB"), GiB(1.5));
  EXPECT_EQ(parse_byte_size("2KB"), 2048);
  EXPECT_EQ(parse_byte_size("1T"), GiB(1024));
  EXPECT_EQ(parse_byte_size("12B"), 12);
}

TEST(ByteSize, RefusesEverythingElse) {
  for (const char* text : {"", "M", "-1", "-1M", "64MM", "64 apples", "64iB", "1.5", "0.3", "nan", "inf", "infG",
                           "1e30", "9999999T", "0x10", " 64M", "64M ", "BB"})
    EXPECT_THROW(parse_byte_size(text), Error) << text;
}

TEST(ByteSize, IsShownWithThreeDigits) {
  EXPECT_EQ(show_byte_size(0), "0 B");
  EXPECT_EQ(show_byte_size(812), "812 B");
  EXPECT_EQ(show_byte_size(1023), "1023 B");
  EXPECT_EQ(show_byte_size(1024), "1.00 KiB");
  EXPECT_EQ(show_byte_size(GiB(1.5)), "1.50 GiB");
  EXPECT_EQ(show_byte_size(MiB(17.6)), "17.6 MiB");
  EXPECT_EQ(show_byte_size(MiB(1) - 1), "1.00 MiB");  // not "1024.0 KiB"
  EXPECT_EQ(show_byte_size(-2048), "-2.00 KiB");
}

TEST(ByteSize, AnOptionIsNeverBelowTheBytes) {
  for (int64_t bytes : {int64_t{1}, MiB(64), MiB(64) + 1, MiB(64) - 1, GiB(3) + 12345}) {
    EXPECT_GE(parse_byte_size(byte_size_option(bytes)), bytes);
    EXPECT_LT(parse_byte_size(byte_size_option(bytes)), bytes + MiB(1));
  }
  EXPECT_EQ(byte_size_option(MiB(64) + 1), "65M");
}

}  // namespace
}  // namespace batchwise
