// TFRecord files are data sets of the features that are asked for.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include <batchwise/error.h>
#include <batchwise/record_dataset.h>

#include "data/sources/few_descriptors_test.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace batchwise {
namespace {

class TfRecordData : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() / ("batchwise-records-" + std::to_string(::getpid()))).string();
    TfRecordWriter writer(path_);
    for (int64_t i = 0; i < 5; ++i) {
      const auto f = static_cast<float>(i);
      writer.append(example_bytes({{"x", std::vector<float>{f, f + 0.5f}},
                                   {"label", std::vector<int64_t>{i % 3}},
                                   {"raw", std::vector<std::string>{std::string(3, static_cast<char>('a' + i))}}}));
    }
    writer.commit();
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::string path_;
};

TEST_F(TfRecordData, RowsAreFetchedInAnyOrder) {
  const Dataset data = tfrecord_dataset(path_, {{"x", {2}}, {"raw", {3}, DType::UInt8}}, {{"label", {}, DType::Int64}});
  EXPECT_EQ(data.size(), 5);
  const int64_t rows[] = {4, 1};
  float x[4];
  data.source().fetch(0, rows, x);
  EXPECT_EQ(x[0], 4);
  EXPECT_EQ(x[3], 1.5f);
  const Batch batch = data.read(3, 2);
  EXPECT_EQ(batch.x[1].data<uint8_t>()[0], 'd');
  EXPECT_EQ(batch.y[0].data<int64_t>()[1], 1);
}

TEST_F(TfRecordData, WhatARecordDoesNotHaveIsRefused) {
  EXPECT_THROW(tfrecord_dataset(path_, {{"y", {2}}}), Error);
  EXPECT_THROW(tfrecord_dataset(path_, {{"x", {3}}}), Error);
  EXPECT_THROW(tfrecord_dataset(path_, {{"x", {2}, DType::Int64}}), Error);
  EXPECT_THROW(tfrecord_dataset(path_, {}), Error);
}

TEST_F(TfRecordData, SeveralFilesAreOneDataSetAndTextStaysInMemory) {
  const std::string other = path_ + "-other";
  TfRecordWriter writer(other);
  for (const char* text : {"a text of more than sixteen bytes", ""})
    writer.append(example_bytes({{"x", std::vector<float>{9, 9}}, {"raw", std::vector<std::string>{text}}}));
  writer.commit();
  Dataset data = tfrecord_dataset(std::vector<std::string>{path_, other}, {{"x", {2}}, {"raw", {}, DType::String}});
  ASSERT_EQ(data.size(), 7);
  const std::vector<std::string_view> expected = {
      "aaa", "bbb", "ccc", "ddd", "eee", "a text of more than sixteen bytes", ""};
  int64_t bytes = 0;
  for (const std::string_view text : expected) bytes += static_cast<int64_t>(text.size());
  EXPECT_GE(data.source().resident_bytes(), bytes);
  std::filesystem::remove(other);  // text is there, numbers come from the open file
  const Batch all = data.read(0, 7);
  data = {};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(all.x[1].data<std::string_view>()[i], expected[i]);
  EXPECT_EQ(all.x[0].data<float>()[2 * 4], 4);
  EXPECT_EQ(all.x[0].data<float>()[2 * 5], 9);
  EXPECT_THROW(tfrecord_dataset(path_, {{"raw", {2}, DType::String}}), Error);
  EXPECT_THROW(tfrecord_dataset(path_, {{"label", {}, DType::String}}), Error);
}

TEST_F(TfRecordData, AFileThatChangesOrIsCutWhileItIsInUseIsNamed) {
  const Dataset data = tfrecord_dataset(path_, {{"x", {2}}});
  const auto message = [&] {
    try {
      data.read(0, 5);
    } catch (const Error& error) { return std::string(error.what()); }
    return std::string();
  };
  EXPECT_EQ(message(), "");
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(20);
    file.put('!');
  }
  EXPECT_NE(message().find(path_), std::string::npos) << message();
  std::filesystem::resize_file(path_, 10);
  EXPECT_NE(message().find(path_), std::string::npos) << message();
}

TEST_F(TfRecordData, ThereMayBeMoreFilesThanAProcessMayOpen) {
  const FewDescriptors few;
  std::filesystem::create_directory(path_ + "-many");
  std::vector<std::string> paths;
  for (int64_t i = 0; i < 100; ++i) {
    paths.push_back(path_ + "-many/" + std::to_string(i));
    TfRecordWriter writer(paths.back());
    for (const int64_t value : {2 * i, 2 * i + 1}) writer.append(example_bytes({{"x", std::vector<int64_t>{value}}}));
    writer.commit();
  }
  const Dataset data = tfrecord_dataset(paths, {{"x", {}, DType::Int64}});
  for (int round = 0; round < 2; ++round) {
    const Batch all = data.read(0, 200);
    for (int64_t i = 0; i < 200; ++i) ASSERT_EQ(all.x[0].data<int64_t>()[i], i);
  }
  std::filesystem::resize_file(paths[0], 10);
  try {
    data.read(0, 1);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(paths[0] + "] the file changed"), std::string::npos) << error.what();
  }
  std::filesystem::remove_all(path_ + "-many");
}

}  // namespace
}  // namespace batchwise
