// Facts of event files: published checksums, exact bytes, what is written comes back, damage is refused.
#include "formats/tfevents/tfevents.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <batchwise/error.h>

#include "base/input_file.h"
#include "formats/tfrecord/crc32c.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

TEST(TfEvents, ChecksumsAreThePublishedOnes) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(masked_crc32c("123456789"), 0xc78ab0e5u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);  // RFC 3720
}

TEST(TfEvents, ScalarsComeBackAndTheFileStartsWithItsVersion) {
  const std::string folder = (fs::path(::testing::TempDir()) / "bw_events/train").string();
  fs::remove_all(folder);
  TfEventsWriter writer(folder);
  writer.write({"epoch_loss", 0, 0.5f, 1234.5});
  writer.write({"epoch_loss", 300, -2.25f, 1235.5});
  writer.scalar("epoch_accuracy", 1, 0.75);
  const std::vector<TfScalar> scalars = read_tfevents(writer.path());
  ASSERT_EQ(scalars.size(), 3u);
  EXPECT_EQ(scalars[0].tag, "epoch_loss");
  EXPECT_EQ(scalars[0].wall_time, 1234.5);
  EXPECT_EQ(scalars[1].step, 300);
  EXPECT_EQ(scalars[1].value, -2.25f);
  EXPECT_EQ(scalars[2].value, 0.75f);
  EXPECT_GT(scalars[2].wall_time, 1.7e9);

  const std::string bytes = InputFile(writer.path()).read_all(4096);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));  // 9 bytes of time, 15 of version
  EXPECT_EQ(bytes.substr(12 + 9, 15),
            "\x1a\x0d"
            "brain.Event:2");
  // tag and simple_value: the bytes that TensorFlow writes for the same scalar.
  EXPECT_NE(bytes.find(std::string("\x10\xac\x02\x2a\x13\x0a\x11\x0a\x0a"
                                   "epoch_loss\x15\0\0\x10\xc0",
                                   24)),
            std::string::npos);
  EXPECT_EQ(fs::path(writer.path()).filename().string().substr(0, 20), "events.out.tfevents.");
}

TEST(TfEvents, TwoWritersOfOneFolderUseTwoFiles) {
  const std::string folder = (fs::path(::testing::TempDir()) / "bw_events_two").string();
  TfEventsWriter a(folder), b(folder);
  EXPECT_NE(a.path(), b.path());
}

TEST(TfEvents, AnIncompleteEndIsLeftOutAndDamageIsRefused) {
  const std::string folder = (fs::path(::testing::TempDir()) / "bw_events_bad").string();
  TfEventsWriter writer(folder);
  writer.write({"a", 1, 1.0f, 1});
  writer.write({"b", 2, 2.0f, 2});
  const std::string good = InputFile(writer.path()).read_all(4096);
  const std::string path = folder + "/copy";
  const auto put = [&](const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; };
  put(good.substr(0, good.size() - 1));
  EXPECT_EQ(read_tfevents(path).size(), 1u);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    put(bad);
    EXPECT_THROW(read_tfevents(path), Error) << i;
  }
  put("not an event file at all");
  EXPECT_THROW(read_tfevents(path), Error);
  EXPECT_THROW(TfEventsWriter{"/dev/null/train"}, Error);
}

}  // namespace
}  // namespace batchwise
