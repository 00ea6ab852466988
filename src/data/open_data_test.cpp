// Facts of the command line's forms of data: what is recognised, streamed, cached and refused.
#include "data/open_data.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <zlib.h>

#include "data/cache_folder.h"
#include "data/temporary_folder_test.h"
#include "formats/npy/npy.h"
#include "formats/npz/npz.h"

namespace batchwise {
namespace {

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string idx(uint8_t type, const std::vector<uint32_t>& dims, const std::string& data) {
  std::string bytes = {0, 0, static_cast<char>(type), static_cast<char>(dims.size())};
  for (const uint32_t dim : dims)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(dim >> shift & 255);
  return bytes + data;
}

class OpenData : public TemporaryFolder {
 protected:
  void write_gz(const std::string& name, const std::string& bytes) const {
    write(name, "");
    const gzFile file = ::gzopen(path(name).c_str(), "wb");
    ASSERT_EQ(::gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
    ::gzclose(file);
  }
  // Four images of 2x3, whose pixels count up from `start`, and their labels.
  void write_mnist_shape(const std::string& folder, bool packed, char start = 0) const {
    for (const std::string part : {"train", "t10k"}) {
      std::string pixels;
      for (int i = 0; i < 24; ++i) pixels += static_cast<char>(start + i);
      const std::string images = idx(8, {4, 2, 3}, pixels),
                        labels = idx(8, {4}, std::string(part == "train" ? "\1\2\3\4" : "\5\6\7\10", 4));
      if (packed) {
        write_gz(folder + "/" + part + "-images-idx3-ubyte.gz", images);
        write_gz(folder + "/" + part + "-labels-idx1-ubyte.gz", labels);
      } else {
        write(folder + "/" + part + "-images-idx3-ubyte", images);
        write(folder + "/" + part + "-labels-idx1-ubyte", labels);
      }
    }
  }
};

TEST_F(OpenData, IdxFoldersAreStreamedWhereTheyLieOrUnpackedOnce) {
  for (const bool packed : {false, true}) {
    const std::string folder = packed ? "packed" : "plain";
    write_mnist_shape(folder, packed);
    const Dataset train = open_data(path(folder)), test = open_data(path(folder), {.part = DataPart::Test});
    EXPECT_EQ(train.size(), 4);
    EXPECT_EQ(train.input(0).shape, (Shape{2, 3, 1}));
    EXPECT_EQ(train.target(0).dtype, DType::UInt8);
    const Batch batch = train.read(2, 2);
    EXPECT_EQ(batch.x[0].data<uint8_t>()[0], 12);
    EXPECT_EQ(batch.y[0].data<uint8_t>()[1], 4);
    EXPECT_EQ(test.read(0, 1).y[0].data<uint8_t>()[0], 5);
    EXPECT_EQ(train.source().resident_bytes(), 0);
    EXPECT_EQ(cache_files().size(), packed ? 4u : 0u);
  }
}

TEST_F(OpenData, IdxFilesThatDoNotFitTogetherAreRefused) {
  write("a/train-images-idx3-ubyte", idx(8, {2, 1, 1}, "ab"));
  EXPECT_TRUE(says(message_of([&] { open_data(path("a")); }), "images and labels must both be there"));
  write("a/train-labels-idx1-ubyte", idx(8, {3}, "abc"));
  EXPECT_TRUE(says(message_of([&] { open_data(path("a")); }), "3 labels for 2 images"));
}

TEST_F(OpenData, FashionMnistComesFromDebiansPackage) {
  if (!std::filesystem::exists("/usr/share/datasets/fashion-mnist")) GTEST_SKIP() << "needs dataset-fashion-mnist";
  const auto [train, test] = datasets::fashion_mnist();
  EXPECT_EQ(train.size(), 60000);
  EXPECT_EQ(test.size(), 10000);
  EXPECT_EQ(train.input(0).shape, (Shape{28, 28, 1}));
  EXPECT_EQ(train.read(0, 2).y[0].data<uint8_t>()[0], 9);
  EXPECT_EQ(open_data("fashion-mnist", {.part = DataPart::Test}).size(), 10000);
}

TEST_F(OpenData, MnistIsLookedForInThreePlacesAndTheErrorNamesThem) {
  ::setenv("BATCHWISE_DATA", path("variable").c_str(), 1);
  const std::string message = message_of([&] { open_data("mnist", {.data_dir = path("option")}); });
  for (const char* place : {"option", "variable", "cache/batchwise"})
    EXPECT_TRUE(says(message, path(place))) << message;
  EXPECT_TRUE(says(message, "train-images-idx3-ubyte"));
  write_mnist_shape("variable", true, 50);
  EXPECT_EQ(open_data("mnist", {.data_dir = path("option")}).read(0, 1).x[0].data<uint8_t>()[0], 50);
  write_mnist_shape("option/mnist", false, 70);
  EXPECT_EQ(open_data("mnist", {.data_dir = path("option")}).read(0, 1).x[0].data<uint8_t>()[0], 70);
  ::unsetenv("BATCHWISE_DATA");
}

TEST_F(OpenData, NpzArraysAreStreamedByRow) {
  write_npz(path("d.npz"), {{"y", Array::from<int64_t>({1, 2, 3}, {3})},
                            {"x", Array::from<float>({1, 2, 3, 4, 5, 6}, {3, 2})},
                            {"sample_weight", Array::from<double>({1, 0, 2}, {3})},
                            {"class_names", Array::from<uint8_t>({1}, {1})}});
  const Dataset data = open_data(path("d.npz"), {.input_names = {"input_1"}, .output_names = {"dense"}});
  const Batch batch = data.read(1, 2);
  EXPECT_EQ(batch.x[0].data<float>()[0], 3);
  EXPECT_EQ(batch.y[0].data<int64_t>()[1], 3);
  EXPECT_EQ(batch.sample_weight[0].data<double>()[1], 2);
  EXPECT_TRUE(cache_files().empty());
}

TEST_F(OpenData, NpzArraysMayBeNamedAsTheModelsInputsAndOutputs) {
  const Array a = Array::from<float>({1, 2}, {2}), b = Array::from<float>({3, 4}, {2}),
              y = Array::from<float>({5, 6}, {2});
  write_npz(path("d.npz"), {{"left", a}, {"right", b}, {"score", y}});
  const Dataset data = open_data(path("d.npz"), {.input_names = {"right", "left"}, .output_names = {"score"}});
  EXPECT_EQ(data.num_inputs(), 2);
  EXPECT_EQ(data.num_targets(), 1);
  EXPECT_EQ(data.read(0, 1).x[0].data<float>()[0], 3);
  EXPECT_EQ(data.input(1).name, "left");
  EXPECT_EQ(open_data(path("d.npz"), {.input_names = {"right", "left"}, .output_names = {"other"}}).num_targets(), 0);
  EXPECT_TRUE(says(message_of([&] { open_data(path("d.npz"), {.input_names = {"up", "left"}}); }), "\"up\", \"left\""));
  EXPECT_TRUE(says(message_of([&] {
                     open_data(path("d.npz"), {.input_names = {"left"}, .output_names = {"score", "other"}});
                   }),
                   "for every output"));
}

TEST_F(OpenData, NpzArraysOfOutputsThatAskForNothingMayBeMissing) {
  const Array a = Array::from<float>({1, 2}, {2}), y = Array::from<float>({5, 6}, {2});
  write_npz(path("d.npz"), {{"x", a}, {"score", y}});
  const DataOptions options{.input_names = {"left"}, .output_names = {"score", "other"}, .asked_outputs = {"score"}};
  EXPECT_EQ(open_data(path("d.npz"), options).num_targets(), 1);
  write_npz(path("d.npz"), {{"left", a}, {"score", y}, {"other", y}});
  EXPECT_EQ(open_data(path("d.npz"), options).num_targets(), 2);
}

TEST_F(OpenData, NpzFilesThatWouldBeMisreadAreRefused) {
  const Array three = Array::from<float>({1, 2, 3}, {3}), two = Array::from<float>({1, 2}, {2});
  write_npz(path("rows.npz"), {{"x", three}, {"y", two}});
  EXPECT_TRUE(says(message_of([&] { open_data(path("rows.npz")); }), "Got 3 and 2"));
  write_npz(path("typo.npz"), {{"x", three}, {"sample_weights", three}});
  EXPECT_TRUE(says(message_of([&] { open_data(path("typo.npz")); }), "sample_weights"));
  write_npz(path("names.npz"), {{"x_train", three}});
  EXPECT_TRUE(says(message_of([&] { open_data(path("names.npz")); }), "x_train"));
  write_npz(path("scalar.npz"), {{"x", Array::from<float>({1}, {})}});
  EXPECT_TRUE(says(message_of([&] { open_data(path("scalar.npz")); }), "first dimension"));
}

TEST_F(OpenData, CompressedNpzIsUnpackedOnceIntoTheCache) {
  // x counts up from 0 in 200 rows of 3, y is the row modulo 10.
  const std::string packed = std::string(BATCHWISE_SOURCE_DIR) + "/src/data/sources/testdata/deflated.npz";
  for (int opening = 0; opening < 2; ++opening) {
    const Batch batch = open_data(packed).read(150, 50);
    EXPECT_EQ(batch.x[0].data<float>()[0], 450);
    EXPECT_EQ(batch.y[0].data<uint8_t>()[49], 9);
    EXPECT_EQ(cache_files().size(), 2u);
  }
}

TEST_F(OpenData, NumPysBigEndianAndFortranOrderAreStreamedThroughTheCache) {
  // numpy.savez and savez_compressed of x = (arange(120) * 3 - 100).reshape(5, 2, 3, 4), in Fortran order, and
  // y = arange(5), big-endian.
  for (const char* name : {"orders.npz", "orders_deflated.npz"}) {
    const Batch batch = open_data(std::string(BATCHWISE_SOURCE_DIR "/src/data/sources/testdata/") + name).read(3, 2);
    ASSERT_EQ(batch.x[0].shape(), (Shape{2, 2, 3, 4}));
    for (int64_t i = 0; i < 48; ++i) ASSERT_EQ(batch.x[0].data<float>()[i], (72 + i) * 3 - 100) << name;
    EXPECT_EQ(batch.y[0].data<int64_t>()[1], 4);
  }
  const Dataset big = open_data(BATCHWISE_SOURCE_DIR "/src/formats/npy/testdata/big_endian.npy");
  EXPECT_EQ(big.read(4, 1).x[0].data<int16_t>()[23], 257);
}

TEST_F(OpenData, NpyHasNoLabels) {
  write_npy(path("x.npy"), Array::from<uint8_t>({1, 2, 3, 4}, {2, 2}));
  EXPECT_EQ(open_data(path("x.npy")).num_targets(), 0);
  EXPECT_EQ(open_data(path("x.npy")).read(1, 1).x[0].data<uint8_t>()[0], 3);
}

TEST_F(OpenData, TextsOfNpyFilesAreHeld) {
  std::string bytes = "\x93NUMPY";
  const std::string dict = "{'descr': '|S3', 'fortran_order': False, 'shape': (2, 1), }";
  bytes += {'\x01', '\0', static_cast<char>(dict.size()), '\0'};
  write("x.npy", bytes + dict + std::string("redab\0", 6));
  const Dataset texts = open_data(path("x.npy"));
  EXPECT_EQ(texts.input(0).dtype, DType::String);
  EXPECT_EQ(texts.input(0).shape, Shape{1});
  EXPECT_EQ(texts.read(1, 1).x[0].data<std::string_view>()[0], "ab");
}

TEST_F(OpenData, FoldersOfImagesAreClassesOfPhotographs) {
  write("photos/cats/1.jpg", "");
  write("photos/dogs/2.PNG", "");
  const Dataset photos = open_data(path("photos"), {.images = {.image_size = {4, 5}}});
  EXPECT_EQ(photos.size(), 2);
  EXPECT_EQ(photos.input(0).shape, (Shape{4, 5, 3}));
  Dataset held_out;
  const Dataset half =
      open_data(path("photos"), {.images = {.seed = 1, .validation_split = 0.5}, .held_out = &held_out});
  EXPECT_EQ(half.size(), 1);
  EXPECT_EQ(held_out.size(), 1);
}

TEST_F(OpenData, FoldersOfTextsAreClassFolders) {
  write("reviews/good/1.txt", "fine");
  write("reviews/bad/1.txt", "");
  const Dataset data = open_data(path("reviews"), {.images = {.shuffle = false}});
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.read(1, 1).x[0].data<std::string_view>()[0], "fine");
  EXPECT_EQ(data.read(1, 1).y[0].data<int32_t>()[0], 1);
}

TEST_F(OpenData, FoldersAreNumberedAsOtherDataNamesTheirClasses) {
  for (const char* file : {"texts/dog/1.txt", "texts/cat/1.txt"}) write(file, "a word");
  std::vector<std::string> names;
  DataOptions options{.numbered_as = {"ant", "cat", "dog"}, .class_names = &names};
  options.images.shuffle = false;
  const Dataset data = open_data(path("texts"), options);
  EXPECT_EQ(data.read(0, 2).y[0].data<int32_t>()[0], 1);
  EXPECT_EQ(data.read(0, 2).y[0].data<int32_t>()[1], 2);
  EXPECT_EQ(names, options.numbered_as);
  options.numbered_as = {"ant", "dog"};
  EXPECT_TRUE(says(message_of([&] { open_data(path("texts"), options); }), "\"ant\", \"dog\". Got \"cat\""));
  options.images.labels = std::nullopt;  // nobody looks at classes
  EXPECT_EQ(open_data(path("texts"), options).num_targets(), 0);
}

TEST_F(OpenData, StrayFilesDoNotDecideWhatAFolderIs) {
  for (int i = 0; i < 11; ++i) write("mixed/a/" + std::to_string(i) + ".txt", "a word");
  write("mixed/a/stray.jpg", "");
  EXPECT_EQ(data_form(path("mixed")), DataForm::TextFolder);
  write("mixed/b/2.jpg", "");  // texts beside images
  EXPECT_EQ(data_form(path("mixed")), DataForm::ImageFolder);
  write("shards/preview.png", "");
  EXPECT_EQ(data_form(path("shards")), DataForm::ImageFolder);
  write("shards/1.tar", "");
  EXPECT_EQ(data_form(path("shards")), DataForm::TarShards);
  write("shards/2.tfrecord", "");
  const std::string told = message_of([&] { open_data(path("shards")); });
  EXPECT_TRUE(says(told, "a folder must hold one form of data. Got tar shards and TFRecord files")) << told;
}

TEST_F(OpenData, ClassFoldersMayBeLinksAsTheLoadersHaveIt) {
  namespace fs = std::filesystem;
  for (const std::string ending : {"txt", "jpg"}) {
    const std::string folder = "of_" + ending, elsewhere = "elsewhere_" + ending;
    const DataForm form = ending == "txt" ? DataForm::TextFolder : DataForm::ImageFolder;
    write(elsewhere + "/cats/1." + ending, "a cat");
    write(elsewhere + "/dogs/below/2." + ending, "a dog");
    fs::create_directories(path(folder));
    fs::create_directory_symlink(path(elsewhere + "/cats"), path(folder + "/cat"));
    EXPECT_EQ(data_form(path(folder)), form);
    fs::remove(path(folder + "/cat"));
    fs::create_directory_symlink(path(elsewhere + "/dogs"), path(folder + "/dog"));
    EXPECT_EQ(data_form(path(folder)), form);
    // The folder as a whole, a link back to it, and one that leads nowhere.
    fs::create_directory_symlink(path(folder), path("whole_" + ending));
    EXPECT_EQ(data_form(path("whole_" + ending)), form);
    fs::create_directory_symlink(path(folder), path(folder + "/round"));
    fs::create_directory_symlink(path("nowhere"), path(folder + "/broken"));
    EXPECT_EQ(data_form(path(folder)), form);
    // A hidden folder is no class.
    write("hidden_" + ending + "/.cats/1." + ending, "a cat");
    EXPECT_EQ(data_form(path("hidden_" + ending)), DataForm::Unknown);
  }
  fs::create_directories(path("texts"));
  for (const std::string name : {"cats", "dogs/below"})
    fs::create_directory_symlink(path("elsewhere_txt/" + name), path("texts/" + name.substr(0, 4)));
  EXPECT_EQ(open_data(path("texts"), {}).size(), 2);
}

TEST_F(OpenData, UnknownFormsAreRefusedClearly) {
  EXPECT_TRUE(says(message_of([] { open_data("fashion_mnist"); }), "Did you mean \"fashion-mnist\"?"));
  EXPECT_TRUE(says(message_of([&] { open_data(write("x.txt", "1")); }), "ends in \".txt\""));
  std::filesystem::create_directories(path("empty"));
  EXPECT_TRUE(says(message_of([&] { open_data(path("empty")); }), "IDX files"));
  EXPECT_TRUE(says(message_of([&] { open_data("mnist", {.target = "y"}); }), "belongs to a .csv"));
}

TEST_F(OpenData, TheCacheKnowsChangedAndDamagedFiles) {
  const std::string csv = write("d.csv", "a,b\n1,2\n");
  EXPECT_EQ(open_data(csv, {.target = "b"}).read(0, 1).x[0].data<float>()[0], 1);
  const auto before = cache_files();
  ASSERT_EQ(before.size(), 2u);
  open_data(csv, {.target = "b"});
  EXPECT_EQ(cache_files().size(), 2u);
  for (const std::string& name : before) std::filesystem::resize_file(path("cache/batchwise/" + name), 60);
  EXPECT_EQ(open_data(csv, {.target = "b"}).read(0, 1).x[0].data<float>()[0], 1);
  write("d.csv", "a,b\n7,2\n8,2\n");
  EXPECT_EQ(open_data(csv, {.target = "b"}).read(0, 1).x[0].data<float>()[0], 7);
}

TEST_F(OpenData, ManyProcessesMayFillTheCacheAtOnce) {
  std::string text = "a,b\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "," + std::to_string(i % 10) + "\n";
  const std::string csv = write("d.csv", text);
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const Dataset data = open_data(csv, {.target = "b"});
      ::_exit(data.size() == 5000 && data.read(4999, 1).x[0].data<float>()[0] == 4999 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(cache_files().size(), 2u);
}

TEST_F(OpenData, ACacheThatCannotBeMadeNamesTheCure) {
  write("cache", "a file in the way");
  EXPECT_TRUE(says(message_of([&] { open_data(write("d.csv", "1,2\n")); }), "XDG_CACHE_HOME"));
}

}  // namespace
}  // namespace batchwise
