// WebDataset's shards are data sets: images decoded, classes and arrays read, whatever the order of the rows.
#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <batchwise/image_dataset.h>
#include <batchwise/record_dataset.h>

#include "base/usable_cores.h"
#include "data/sources/few_descriptors_test.h"
#include "data/sources/tar_member_test.h"
#include "data/temporary_folder_test.h"
#include "images/decoding_memory.h"
#include "images/flat_image_test.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

class TarShardData : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (fs::temp_directory_path() / ("batchwise-shards-" + std::to_string(::getpid()))).string();
    fs::create_directories(folder_ + "/photos/a");
    for (const auto& entry :
         fs::recursive_directory_iterator(BATCHWISE_SOURCE_DIR "/tests/golden/image-folder/photos/ants"))
      if (image_.empty() && entry.path().extension() == ".jpg") image_ = entry.path().string();
    std::ifstream file(image_, std::ios::binary);
    bytes_.assign(std::istreambuf_iterator<char>(file), {});
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& archive) const {
    std::ofstream(folder_ + "/" + name, std::ios::binary) << archive << std::string(1024, '\0');
    return folder_ + "/" + name;
  }
  std::string folder_, image_, bytes_;
};

TEST_F(TarShardData, SamplesOfSeveralShardsAreRows) {
  const std::string one =
      write("1.tar", tar_member("x/1.jpg", bytes_) + tar_member("x/1.cls", "7\n") + tar_member("x/1.raw", "ab"));
  const std::string two =
      write("2.tar", tar_member("2.cls", "8") + tar_member("2.raw", "cd") + tar_member("2.jpg", bytes_));
  const Dataset data =
      shard_dataset({one, two}, {{"jpg", {8, 9, 3}}, {"raw", {2}, DType::UInt8}}, {{"cls", {}, DType::Int64}});
  ASSERT_EQ(data.size(), 2);
  const Batch all = data.read(0, 2);
  EXPECT_EQ(all.y[0].data<int64_t>()[0], 7);
  EXPECT_EQ(all.y[0].data<int64_t>()[1], 8);
  EXPECT_EQ(all.x[1].data<uint8_t>()[2], 'c');
  // The same pixels as from a folder.
  std::ofstream(folder_ + "/photos/a/1.jpg", std::ios::binary) << bytes_;
  const Batch folder = image_dataset_from_directory(folder_ + "/photos", {.image_size = {8, 9}}).read(0, 1);
  for (int row = 0; row < 2; ++row)
    EXPECT_EQ(std::memcmp(folder.x[0].raw(), all.x[0].slice(row, 1).raw(), 8 * 9 * 3 * 4), 0) << row;
}

TEST_F(TarShardData, WhatASampleDoesNotHaveIsRefused) {
  const std::string shard =
      write("1.tar", tar_member("1.cls", "x") + tar_member("1.raw", "ab") + tar_member("2.cls", "1"));
  EXPECT_THROW(shard_dataset({shard}, {{"raw", {2}, DType::UInt8}}), Error);
  const Dataset data = shard_dataset({shard}, {{"cls", {}, DType::Int64}});
  EXPECT_THROW(data.read(0, 1), Error);
  EXPECT_EQ(data.read(1, 1).x[0].data<int64_t>()[0], 1);
  EXPECT_THROW(shard_dataset({shard}, {{"jpg", {2}}}), Error);
}

TEST_F(TarShardData, AnImageThatABudgetHasNoMemoryForIsNamed) {
  const std::string shard = write("1.tar", tar_member("1.png", flat_png(1000, true)));
  const std::string larger = write("2.tar", tar_member("2.png", flat_png(3000, true)));
  const Dataset usual = shard_dataset({shard}, {{"png", {8, 8, 3}}}),
                data = shard_dataset({larger}, {{"png", {8, 8, 3}}});
  const DecodingLimit limit(MiB(64), MiB(1), 2);
  EXPECT_NO_THROW(usual.read(0, 1));  // what the plan counts
  EXPECT_GE(usual.source().resident_bytes(), int64_t{usable_cores()} * 1000 * 1000 * 3);
  try {
    data.read(0, 1);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Run);
    EXPECT_NE(std::string(error.what()).find("2.tar: the .png at byte 512] an image must fit what the budget"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(TarShardData, AShardThatIsCutWhileItIsInUseIsNamed) {
  const std::string shard =
      write("1.tar", tar_member("1.raw", std::string(4000, 'a')) + tar_member("2.raw", std::string(4000, 'b')));
  const Dataset data = shard_dataset({shard}, {{"raw", {4000}, DType::UInt8}});
  EXPECT_NO_THROW(data.read(0, 2));
  fs::resize_file(shard, 3000);
  try {
    data.read(0, 2);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) { EXPECT_NE(std::string(error.what()).find(shard), std::string::npos) << error.what(); }
}

TEST_F(TarShardData, ThereMayBeMoreShardsThanAProcessMayOpen) {
  const FewDescriptors few;
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i)
    paths.push_back(write(std::to_string(i) + ".tar",
                          tar_member("1.cls", std::to_string(2 * i)) + tar_member("2.cls", std::to_string(2 * i + 1))));
  const Dataset data = shard_dataset(paths, {{"cls", {}, DType::Int64}});
  for (int round = 0; round < 2; ++round) {
    const Batch all = data.read(0, 200);
    for (int64_t i = 0; i < 200; ++i) ASSERT_EQ(all.x[0].data<int64_t>()[i], i);
  }
  std::vector<std::thread> readers;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t)
    readers.emplace_back([&, t] {
      for (int64_t i = 0; i < 2000; ++i) {
        const int64_t row = (i * 37 + t * 61) % 200;
        int64_t value = -1;
        data.source().fetch(0, {&row, 1}, &value);
        wrong += value != row;
      }
    });
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(TarShardData, AShardThatIsAnotherFileWhenItIsOpenedAgainIsNamed) {
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i) paths.push_back(write(std::to_string(i) + ".tar", tar_member("1.raw", "ab")));
  const Dataset data = shard_dataset(paths, {{"raw", {2}, DType::UInt8}});
  const auto told = [&] { return message_of([&] { data.read(0, 100); }); };
  EXPECT_EQ(told(), "");
  write("0.tar", tar_member("1.raw", "cd") + tar_member("2.raw", "ef"));
  EXPECT_NE(told().find("0.tar] the file changed while the data was in use."), std::string::npos) << told();
  fs::remove(paths[0]);
  EXPECT_NE(told().find("0.tar] the file must be there and readable. Got: No such file"), std::string::npos) << told();
}

}  // namespace
}  // namespace batchwise
