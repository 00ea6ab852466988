// Facts of image files that are damaged, gone or changed: an error that names the file, or the file is left out.
#include <cstring>
#include <filesystem>
#include <numeric>
#include <thread>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <batchwise/image_dataset.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "data/temporary_folder_test.h"
#include "images/decoding_memory.h"
#include "images/flat_image_test.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

class BrokenImages : public TemporaryFolder {
 protected:
  void put(const std::string& name, const std::string& from = "photos/ants/rgb8.png") const {
    fs::create_directories(fs::path(path("f/" + name)).parent_path());
    fs::copy_file(kGolden + '/' + from, path("f/" + name), fs::copy_options::overwrite_existing);
  }
  ImageDataset open(const std::string& on_bad_file = "error") {
    ImageDatasetOptions o;
    o.image_size = 8;
    o.shuffle = false;
    o.on_bad_file = on_bad_file;
    o.on_skipped = [this](const SkippedFile& file) { skipped.push_back(file.path); };
    return image_dataset_from_directory(path("f"), o);
  }
  std::string message(const ImageDataset& data) const {
    return message_of([&] { data.read(0, data.size()); });
  }
  std::vector<std::string> skipped;
};

TEST_F(BrokenImages, AreNamedWithWhatIsWrong) {
  // Every file that no color mode reads, in a folder of its own.
  for (const char* name : {"empty.jpg", "text.jpg", "trunc_half.jpg", "trunc_no_eoi.jpg", "trunc_prog.jpg",
                           "trunc_header.jpg", "trunc.png", "bad_crc.png", "trunc_header.png", "tiff_inside.png",
                           "bit1.bmp", "trunc.bmp", "trunc.gif", "huge_dims.png", "zero_width.png"}) {
    const std::string at = "a/bad." + std::string(name).substr(std::string(name).rfind('.') + 1);
    put(at, std::string("refused/") + name);
    const std::string said = message(open());
    EXPECT_NE(said.find(path("f/" + at)), std::string::npos) << name << ": " << said;
    EXPECT_NE(said.find("--on-bad-file skip"), std::string::npos) << said;
    fs::remove(path("f/" + at));
  }
}

TEST_F(BrokenImages, AreLeftOutAndCountedWhenAsked) {
  put("a/1.png");
  put("a/2.png", "refused/trunc.png");
  put("b/3.png");
  write("f/b/4.jpg", "");
  fs::create_symlink("nowhere", path("f/b/5.jpg"));
  const ImageDataset data = open("skip");
  EXPECT_EQ(data.file_paths(), (std::vector<std::string>{path("f/a/1.png"), path("f/b/3.png")}));
  EXPECT_EQ(skipped, (std::vector<std::string>{path("f/a/2.png"), path("f/b/4.jpg"), path("f/b/5.jpg")}));
  EXPECT_EQ(data.skipped.size(), 3u);
  EXPECT_EQ(data.read(0, 2).y[0].data<int32_t>()[1], 1);
}

TEST_F(BrokenImages, LeaveNothingWhenAllAreDamaged) {
  write("f/a/1.jpg", "");
  EXPECT_NE(message_of([&] { open("skip"); }).find("Got 1 damaged files and no other"), std::string::npos);
}

TEST_F(BrokenImages, AreAnErrorWhenTheyGoOrChangeLater) {
  put("a/1.png");
  put("a/2.png");
  const ImageDataset data = open();
  EXPECT_EQ(message(data), "");
  put("a/2.png", "photos/ants/gray8.png");
  EXPECT_NE(message(data).find("2.png] the file changed while the data was in use"), std::string::npos);
  fs::remove(path("f/a/1.png"));
  EXPECT_NE(message(data).find("1.png] the file must be there"), std::string::npos) << message(data);
}

TEST_F(BrokenImages, GiveTheirPlaceToAnotherOfTheirLabelWhenTheyGoLater) {
  put("a/1.png");
  put("b/2.png", "photos/Bees/rgb8.png");
  put("b/3.png");
  const ImageDataset data = open("skip");
  const Batch before = data.read(0, 3);
  fs::remove(path("f/b/2.png"));
  const Batch after = data.read(0, 3);
  const auto image = [](const Batch& batch, int64_t i) {
    const Array one = batch.x[0].slice(i, 1);
    return std::vector<float>(one.values<float>().begin(), one.values<float>().end());
  };
  EXPECT_EQ(image(after, 1), image(before, 2));
  EXPECT_NE(image(after, 1), image(before, 1));
  EXPECT_EQ(skipped, std::vector<std::string>{path("f/b/2.png")});
  data.read(0, 3);
  EXPECT_EQ(skipped.size(), 1u);
  fs::remove(path("f/a/1.png"));
  EXPECT_NE(message(data).find("1.png] a file that is skipped needs another of its label"), std::string::npos);
}

// Left out or not, the results would depend on memory.
TEST_F(BrokenImages, AreNotThoseThatABudgetHasNoMemoryFor) {
  for (int i = 0; i < 3; ++i) put("a/" + std::to_string(i) + ".png");
  write("f/b/large.png", flat_png(3000, true));
  const ImageDataset data = open(), skipping = open("skip");
  EXPECT_EQ(message(data), "");
  const DecodingLimit limit(MiB(64), MiB(8), 2);
  const std::string said = message(data);
  EXPECT_NE(said.find("b/large.png] an image must fit what the budget, 64.0 MiB, leaves"), std::string::npos) << said;
  EXPECT_EQ(said.find("on-bad-file"), std::string::npos) << said;
  EXPECT_EQ(message(skipping), said);
  EXPECT_THROW(open("skip"), BudgetError);
  EXPECT_TRUE(skipped.empty());
}

TEST_F(BrokenImages, AreNotLargeFilesThatABudgetHasNoMemoryFor) {
  put("a/1.png");
  std::string bmp(54, '\0');
  const auto number = [&](size_t at, uint32_t value) { std::memcpy(bmp.data() + at, &value, sizeof value); };
  bmp.replace(0, 2, "BM");
  number(10, 54);
  number(14, 40);
  number(18, 1500);
  number(22, 1500);
  number(26, 1 + (24 << 16));
  write("f/a/2.bmp", bmp + std::string(1500 * 1500 * 3, 'g'));
  const ImageDataset data = open();
  EXPECT_EQ(message(data), "");
  const DecodingLimit limit(MiB(64), MiB(4), 2);
  EXPECT_NE(message(data).find("2.bmp] an image must fit"), std::string::npos) << message(data);
}

// A folder of progressive photographs trains in the smallest budget that a plan names.
TEST_F(BrokenImages, AreNotThoseThatThePlanCountsAsUsual) {
  for (int i = 0; i < 3; ++i) write("f/a/" + std::to_string(i) + ".jpg", flat_jpeg(1500, true));
  const ImageDataset data = open();
  for (int i = 0; i < 3; ++i) write("f/a/" + std::to_string(i) + ".jpg", flat_jpeg(1500, false));
  const int64_t by_rows = open().source().resident_bytes();
  EXPECT_GE(data.source().resident_bytes() - by_rows, int64_t{1500 / 8 * 1500 / 8 * 64 * 2 - kDecoderBytes});
  const ImageDataset again = open();
  const DecodingLimit limit(MiB(64), 0, 2);
  EXPECT_EQ(message(again), "");
}

TEST_F(BrokenImages, AreToldOfWhileTheDataMayBeRead) {
  for (const char* name : {"a/1.png", "a/2.png", "a/3.png"}) put(name);
  ImageDatasetOptions o;
  o.image_size = 8;
  o.shuffle = false;
  o.on_bad_file = "skip";
  ImageDataset data;
  int64_t read = 0;
  o.on_skipped = [&](const SkippedFile&) { read += data.read(0, data.size()).rows(); };
  data = image_dataset_from_directory(path("f"), o);
  fs::remove(path("f/a/1.png"));
  fs::remove(path("f/a/2.png"));
  data.read(0, 1);
  EXPECT_EQ(read, 6);
}

TEST_F(BrokenImages, NeverMakeItWait) {
  put("a/1.png");
  ASSERT_EQ(::mkfifo(path("f/a/2.png").c_str(), 0600), 0);
  EXPECT_NE(message(open()).find("2.png] the path must name a regular file"), std::string::npos);
  EXPECT_EQ(open("skip").size(), 1);
}

// What `call` says when somebody makes it who is not root, who may read everything.
template <class Call>
std::string message_to_a_user(const Call& call) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string said = ::geteuid() == 0 && ::setuid(65534) != 0 ? std::string("no other user") : message_of(call);
    const bool written = ::write(ends[1], said.data(), said.size()) == static_cast<ssize_t>(said.size());
    ::_exit(written ? 0 : 1);
  }
  ::close(ends[1]);
  std::string said(4096, '\0');
  const ssize_t bytes = ::read(ends[0], said.data(), said.size());
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  said.resize(static_cast<size_t>(std::max<ssize_t>(bytes, 0)));
  return said;
}

TEST_F(BrokenImages, AreNamedWhenTheyMayNotBeRead) {
  put("a/1.png");
  ::chmod(path("f/a/1.png").c_str(), 0);
  const std::string file = message_to_a_user([&] {
    const ImageDataset data = open();
    data.read(0, data.size());
  });
  EXPECT_NE(file.find("1.png] the file must be there and readable"), std::string::npos) << file;
  ::chmod(path("f/a").c_str(), 0);
  const std::string folder = message_to_a_user([&] { open(); });
  EXPECT_NE(folder.find("f/a] the folder must exist and be readable"), std::string::npos) << folder;
  ::chmod(path("f/a").c_str(), 0700);
}

TEST_F(BrokenImages, DoNotDisturbOtherThreads) {
  ImageDatasetOptions o;
  o.image_size = 24;
  const ImageDataset data = image_dataset_from_directory(kGolden + "/photos", o);
  const Batch expected = data.read(0, data.size());
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      std::vector<float> out(24 * 24 * 3);
      for (int64_t i = 0; i < data.size(); ++i) {
        const int64_t row = (i + t * 17) % data.size();
        data.source().fetch(0, {&row, 1}, out.data());
        wrong += !std::equal(out.begin(), out.end(), expected.x[0].data<float>() + row * 24 * 24 * 3);
      }
    });
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace batchwise
