// Facts of TFRecord files and of the Examples in them.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <batchwise/error.h>

#include "formats/tfrecord/crc32c.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace batchwise {
namespace {

class TfRecord : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("batchwise-tfrecord-" + std::to_string(::getpid()))).string();
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  void write_records() const {
    TfRecordWriter writer(path_);
    for (const char* record : {"first", "", "the third"}) writer.append(record);
    writer.commit();
  }
  std::string refusal(const std::string& contents) const {
    write(contents);
    try {
      const TfRecords records(path_);
      for (int64_t i = 0; i < records.size(); ++i) records.read(i);
    } catch (const Error& error) { return error.what(); }
    return "";
  }
  std::string path_;
};

TEST_F(TfRecord, TheChecksumIsCastagnolisInBothForms) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(masked_crc32c("123456789"), 0xc78ab0e5u);
  std::string text;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(crc32c(text), crc32c_by_table(text));
    text += static_cast<char>(i * 37);
  }
}

TEST_F(TfRecord, RecordsAreFoundByNumber) {
  write_records();
  const TfRecords records(path_);
  ASSERT_EQ(records.size(), 3);
  EXPECT_EQ(records.read(2), "the third");
  EXPECT_EQ(records.read(0), "first");
  EXPECT_EQ(records.read(1), "");
  EXPECT_EQ(records.longest(), 9);
  EXPECT_THROW(records.read(3), Error);
}

TEST_F(TfRecord, EveryByteOfDamageIsFound) {
  write_records();
  const std::string whole = bytes();
  EXPECT_EQ(refusal(whole), "");
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] ^= 1;
    EXPECT_NE(refusal(damaged), "") << i;
    if (i > 0 && i != 21 && i != 37) EXPECT_NE(refusal(whole.substr(0, i)), "") << i;
  }
}

TEST_F(TfRecord, CompressionIsRecognised) {
  write_records();
  const std::string plain = bytes();
  EXPECT_EQ(tfrecord_packing(path_), Packing::None);
  std::string packed(1000, '\0');
  uLongf size = packed.size();
  ASSERT_EQ(::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(plain.data()),
                       plain.size()),
            Z_OK);
  write(packed.substr(0, size));
  ASSERT_EQ(tfrecord_packing(path_), Packing::Zlib);
  std::string again(1000, '\0');
  again.resize(static_cast<size_t>(ByteStream(path_, Packing::Zlib).read(again.data(), 1000)));
  EXPECT_EQ(again, plain);
  write("neither of them");
  EXPECT_THROW(tfrecord_packing(path_), Error);
}

TEST(Example, FeaturesComeBackAsTheyWereWritten) {
  const std::string example = example_bytes({{"label", std::vector<int64_t>{3, -1, int64_t{1} << 40}},
                                             {"image", std::vector<std::string>{"ab", ""}},
                                             {"weight", std::vector<float>{0.5f, -2}}});
  Feature feature;
  ASSERT_TRUE(find_feature(example, "label", "test", &feature));
  std::vector<int64_t> integers(3);
  feature.integers(integers);
  EXPECT_EQ(integers, (std::vector<int64_t>{3, -1, int64_t{1} << 40}));
  ASSERT_TRUE(find_feature(example, "weight", "test", &feature));
  std::vector<float> floats(2);
  feature.floats(floats);
  EXPECT_EQ(floats, (std::vector<float>{0.5f, -2}));
  ASSERT_TRUE(find_feature(example, "image", "test", &feature));
  EXPECT_EQ(feature.count(), 2);
  EXPECT_EQ(feature.bytes(0), "ab");
  EXPECT_FALSE(find_feature(example, "mask", "test", &feature));
  EXPECT_THROW(feature.floats(floats), Error);
  EXPECT_THROW(feature.bytes(2), Error);
}

// Written by tf.train.Example(features={"y": int64 [1, 2], "x": float [1.5]}).SerializeToString() (packed), and the
// same values one by one, as old writers did.
TEST(Example, NumbersMayBePackedOrNot) {
  const std::string packed(
      "\x0a\x1c\x0a\x0b\x0a\x01y\x12\x06\x1a\x04\x0a\x02\x01\x02\x0a\x0d\x0a\x01x\x12\x08\x12\x06\x0a\x04\0\0\xc0\x3f",
      30);
  const std::string single("\x0a\x0d\x0a\x0b\x0a\x01y\x12\x06\x1a\x04\x08\x01\x08\x02", 15);
  for (const std::string& example : {packed, single}) {
    Feature feature;
    ASSERT_TRUE(find_feature(example, "y", "test", &feature));
    std::vector<int64_t> y(2);
    feature.integers(y);
    EXPECT_EQ(y, (std::vector<int64_t>{1, 2}));
  }
  EXPECT_THROW(find_feature(packed.substr(0, 20), "y", "test", nullptr), Error);
}

}  // namespace
}  // namespace batchwise
