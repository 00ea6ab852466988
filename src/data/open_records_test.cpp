// Facts of tar shards and TFRecord files as DATA: files are found, fields chosen by convention, and told.
#include "data/open_records.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "data/sources/tar_member_test.h"
#include "data/temporary_folder_test.h"
#include "formats/npy/npy.h"
#include "formats/tfrecord/example.h"
#include "formats/tfrecord/tfrecord.h"

namespace batchwise {
namespace {

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class OpenRecords : public TemporaryFolder {
 protected:
  const std::string photo = contents(BATCHWISE_SOURCE_DIR "/tests/golden/image-folder/photos/ants/10.jpg");
  const std::string other = contents(BATCHWISE_SOURCE_DIR "/tests/golden/image-folder/photos/Bees/rgb8.png");

  std::string shard(const std::string& name, const std::string& members) {
    return write(name, members + std::string(1024, '\0'));
  }
  using Features = std::vector<std::pair<std::string, FeatureValues>>;
  std::string records(const std::string& name, const std::vector<Features>& examples) {
    write(name, "");  // makes the folder
    TfRecordWriter writer(path(name));
    for (const Features& features : examples) writer.append(example_bytes(features));
    writer.commit();
    return path(name);
  }
  DataOptions sized() {
    DataOptions options;
    options.images.image_size = {8, 6};
    return options;
  }
};

TEST_F(OpenRecords, ShardsOfAFolderOrPatternAreOneDataSetOfImagesAndClasses) {
  write("s/README.md", "not a shard");
  shard("s/train-0001.tar", tar_member("b.png", other) + tar_member("b.cls", "2"));
  shard("s/train-0000.tar", tar_member("a.jpg", photo) + tar_member("a.cls", "1\n") + tar_member("a.json", "{}"));
  shard("s/test-0000.tar", tar_member("c.jpg", photo) + tar_member("c.cls", "3"));
  const auto labels = [&](const std::string& data) {
    const Dataset opened = open_data(path(data), sized());
    EXPECT_EQ(opened.input(0).shape, (Shape{8, 6, 3}));
    std::vector<int64_t> all;
    const Batch batch = opened.read(0, opened.size());
    for (const int64_t label : batch.y[0].values<int64_t>()) all.push_back(label);
    return all;
  };
  EXPECT_EQ(data_form(path("s")), DataForm::TarShards);
  EXPECT_EQ(labels("s"), (std::vector<int64_t>{3, 1, 2}));
  EXPECT_EQ(labels("s/train-0000.tar"), (std::vector<int64_t>{1}));
  EXPECT_EQ(labels("s/train-*.tar"), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(labels("s/train-{0000..0001}.tar"), (std::vector<int64_t>{1, 2}));
  EXPECT_NE(message_of([&] { labels("s/train-{0000..0002}.tar"); }).find("train-0002.tar"), std::string::npos);
  EXPECT_NE(message_of([&] { labels("s/train-{3..1}.tar"); }).find("two numbers"), std::string::npos);
  EXPECT_NE(message_of([&] { labels("s/none-*.tar"); }).find("does not exist"), std::string::npos);
  DataOptions options = sized();
  options.images.labels = std::nullopt;
  EXPECT_EQ(open_data(path("s"), options).num_targets(), 0);
}

TEST_F(OpenRecords, ShardsOfArraysGoByTheNamesOfTheModel) {
  write_npy(path("one.npy"), Array::from<float>({1, 2, 3}, {3}));
  write_npy(path("two.npy"), Array::from<int64_t>({7}, {1}));
  const std::string one = contents(path("one.npy")), two = contents(path("two.npy"));
  const std::string file = shard("a.tar", tar_member("k.left.npy", one) + tar_member("k.score.npy", two));
  const Dataset data = open_data(file, {.input_names = {"left"}, .output_names = {"score"}});
  EXPECT_EQ(data.read(0, 1).x[0].data<float>()[2], 3);
  EXPECT_EQ(data.read(0, 1).y[0].data<int64_t>()[0], 7);
  EXPECT_NE(message_of([&] { open_data(file); }).find("Got the fields left.npy, score.npy."), std::string::npos);
}

TEST_F(OpenRecords, RecordsGoByTensorFlowsNamesOrTheModels) {
  const auto image = [&](const std::string& bytes) { return std::vector<std::string>{bytes}; };
  const auto whole = [](int64_t value) { return std::vector<int64_t>{value}; };
  records("r/train.tfrecord-00001-of-00002", {{{"image/encoded", image(other)}, {"image/class/label", whole(2)}}});
  records("r/train.tfrecord-00000-of-00002", {{{"image/encoded", image(photo)}, {"image/class/label", whole(1)}}});
  const Dataset photos = open_data(path("r"), sized());
  EXPECT_EQ(photos.input(0).shape, (Shape{8, 6, 3}));
  EXPECT_EQ(photos.read(0, 2).y[0].data<int64_t>()[1], 2);
  EXPECT_EQ(photos.source().describe_row(1), "record 0 of " + path("r/train.tfrecord-00001-of-00002"));

  const std::string digits =
      records("d.tfrecord", {{{"image_raw", image("abcdef")}, {"label", whole(3)}, {"a", std::vector<float>{1, 2}}}});
  const Dataset raw =
      open_data(digits, {.input_names = {"in"}, .input_dtypes = {DType::Float32}, .input_shapes = {{2, 3, 1}}});
  EXPECT_EQ(raw.input(0).shape, (Shape{2, 3, 1}));
  EXPECT_EQ(raw.read(0, 1).x[0].data<uint8_t>()[1], 'b');
  EXPECT_EQ(raw.read(0, 1).y[0].data<int64_t>()[0], 3);
  const Dataset named =
      open_data(digits, {.input_names = {"a"}, .input_dtypes = {DType::Float32}, .input_shapes = {{2}}});
  EXPECT_EQ(named.read(0, 1).x[0].data<float>()[1], 2);
  const std::string others = records("o.tfrecord", {{{"b", whole(3)}, {"a", whole(4)}}});
  EXPECT_NE(message_of([&] { open_data(others); }).find("Got the features a, b."), std::string::npos);
}

TEST_F(OpenRecords, TheFirstSamplesAreDescribed) {
  const std::string tar = shard("a.tar", tar_member("k.jpg", photo) + tar_member("k.cls", "5\n"));
  EXPECT_EQ(describe_shards(tar), "tar shards: 1 files, 1 samples\n  k: jpg JPEG, cls 5\n");
  const std::string file = records("d.tfrecord", {{{"x", std::vector<float>{1, 2}}, {"label", std::vector<int64_t>{3}}},
                                                  {{"image", std::vector<std::string>{photo}}}});
  EXPECT_EQ(describe_tfrecords(file),
            "TFRecord: 1 files, 2 records\n  record 0\n    label: int64_list of 1: 3\n    x: "
            "float_list of 2\n  record 1\n    image: bytes_list of 1: " +
                std::to_string(photo.size()) + " bytes, JPEG\n");
}

}  // namespace
}  // namespace batchwise
