// The command line on folders of images: training, its cache, faults, and what inspect shows.
#include <fstream>

#include "formats/npy/npy.h"
#include "images/flat_image_test.h"
#include "images/image_decoder.h"
#include "images/small_letters.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

const std::string kGolden = std::string(BATCHWISE_SOURCE_DIR) + "/tests/golden/image-folder";

struct CliImages : Cli {
  void SetUp() override {
    Cli::SetUp();
    photos = folder + "/photos";
    fs::create_directories(photos);
    for (const char* name : {"Bees", "ants", "café"})
      fs::copy(kGolden + "/photos/" + name, photos + '/' + name, fs::copy_options::recursive);
  }
  Words train_photos(const Words& more) {
    Words words{"train", "cnn",      photos, "--image-size", "16", "--batch-size",
                "16",    "--epochs", "2",    "--seed",       "5",  "--json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::string photos;
};

TEST_F(CliImages, TrainsToTheSameBitsWithACacheAnyLanesAndAnyBudget) {
  const std::string plain = hash(run(train_photos({"--validation-split", "0.2"})));
  EXPECT_EQ(hash(run(train_photos({"--validation-split", "0.2", "--lanes", "1", "--memory", "64M"}))), plain);
  const ChildResult bounded = run(train_photos({"--validation-split", "0.2", "--workers", "1", "--lanes", "2"}));
  EXPECT_EQ(hash(bounded), plain);
  EXPECT_EQ(bounded.err.find("note: --workers"), std::string::npos) << bounded.err;
  for (int again = 0; again < 2; ++again)
    EXPECT_EQ(hash(run(train_photos({"--validation-split", "0.2", "--cache", folder + "/cache"}))), plain);
  // One file for each side of the split.
  EXPECT_EQ(std::distance(fs::directory_iterator(folder + "/cache"), fs::directory_iterator()), 2);
}

TEST_F(CliImages, TuneAndSweepSayWhichSpeedOptionsChangeNothing) {
  const auto told = [&](const std::string& command, const std::string& of) {
    Words words{command, of == data ? "mlp" : "cnn", of,  "--batch-sizes", "16",  "--workers",
                "1",     "--loader-batch",           "7", "--samples",     "4000"};
    if (of != data) words.insert(words.end(), {"--image-size", "12"});
    const ChildResult result = run(words);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.err.find("note: --loader-batch changes nothing"), std::string::npos) << result.err;
    return result.err.find("note: --workers changes nothing") != std::string::npos;
  };
  for (const char* command : {"tune", "sweep"}) {
    EXPECT_TRUE(told(command, data)) << command;
    EXPECT_FALSE(told(command, photos)) << command;
  }
}

TEST_F(CliImages, SplitsAsTheDirectoryLoaderDoes) {
  const ChildResult result = run({"train", "cnn", photos, "--image-size", "16", "--batch-size", "16", "--epochs", "1",
                                  "--seed", "1337", "--validation-split", "0.2", "--out", folder + "/run"});
  ASSERT_EQ(result.code, 0) << result.err;
  // 58 of 72 files, where fit would take 57: four steps.
  EXPECT_NE(result.err.find("4/4"), std::string::npos) << result.err;
  const ChildResult evaluated = run({"evaluate", folder + "/run/model.keras", photos, "--json"});
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;
  const ChildResult predicted = run({"predict", folder + "/run/model.keras", photos, "--out", folder + "/y.npy"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(read_npy(folder + "/y.npy").shape(), (Shape{72, 3}));
}

TEST_F(CliImages, ValidationFoldersAreNumberedByTheClassesThatAreTrained) {
  const std::string some = folder + "/some", out = folder + "/run";
  fs::create_directories(some);
  fs::copy(photos + "/ants", some + "/ants");
  ASSERT_EQ(run(train_photos({"--validation-data", some, "--out", out})).code, 0);
  const ChildResult labelled = run({"evaluate", out + "/model.keras", some, "--json"});
  EXPECT_EQ(labelled.code, 0) << labelled.err;
  // As with the other classes beside it, whose folders are empty here.
  for (const char* name : {"Bees", "café"}) fs::create_directories(some + '/' + name);
  EXPECT_EQ(run({"evaluate", out + "/model.keras", some, "--json"}).last_line(), labelled.last_line());
  fs::create_directories(some + "/wasps");
  for (const Words& words : {train_photos({"--validation-data", some}), {"evaluate", out + "/model.keras", some}})
    expect_error(run(words), 2, "labels are numbered by, \"Bees\", \"ants\", \"café\". Got \"wasps\"");
  EXPECT_EQ(run({"predict", out + "/model.keras", some, "--out", folder + "/y.npy"}).code, 0);
  // Away from its run, and in another file, the model still names its classes.
  fs::remove(some + "/wasps");
  for (const char* name : {"Bees", "café"}) fs::remove(some + '/' + name);
  fs::copy_file(out + "/model.keras", folder + "/copied.keras");
  ASSERT_EQ(run({"convert", folder + "/copied.keras", folder + "/converted.keras"}).code, 0);
  for (const char* file : {"/copied.keras", "/converted.keras"}) {
    EXPECT_EQ(run({"evaluate", folder + file, some, "--json"}).last_line(), labelled.last_line()) << file;
    const ChildResult inspected = run({"inspect", folder + file});
    EXPECT_NE(inspected.out.find("Classes: 0 Bees, 1 ants, 2 café\n"), std::string::npos) << inspected.out;
  }
}

TEST_F(CliImages, NamesADamagedFileOrLeavesItOut) {
  fs::copy_file(kGolden + "/refused/trunc_half.jpg", photos + "/ants/bad.jpg");
  const ChildResult stopped = run(train_photos({}));
  EXPECT_EQ(stopped.code, 1) << stopped.err;
  EXPECT_NE(stopped.err.find("ants/bad.jpg] the JPEG must be whole"), std::string::npos) << stopped.err;
  const ChildResult skipping = run(train_photos({"--on-bad-file", "skip"}));
  EXPECT_EQ(skipping.code, 0) << skipping.err;
  EXPECT_NE(skipping.err.find("skipped: ["), std::string::npos) << skipping.err;
  fs::remove(photos + "/ants/bad.jpg");
}

// An image that is decoded as a whole: 47 MiB in a file of 200 KiB.
TEST_F(CliImages, NamesAnImageThatTheBudgetHasNoMemoryFor) {
  std::ofstream(photos + "/ants/huge.png", std::ios::binary) << flat_png(4000, true);
  const ChildResult stopped = run(train_photos({"--memory", "64M"}));
  EXPECT_EQ(stopped.code, 1) << stopped.err;
  const ChildResult skipping = run(train_photos({"--memory", "64M", "--on-bad-file", "skip"}));
  EXPECT_EQ(skipping.code, 3) << skipping.err;
  for (const ChildResult& refused : {stopped, skipping})
    EXPECT_NE(refused.err.find("ants/huge.png] an image must fit what the budget, 64.0 MiB, leaves for decoding"),
              std::string::npos)
        << refused.err;
  const ChildResult enough = run(train_photos({"--memory", "256M"}));
  EXPECT_EQ(enough.code, 0) << enough.err;
  EXPECT_LE(json::parse(enough.last_line())["peak_rss_bytes"], 256 << 20);
}

struct CutImages : CliImages {
  // A run that is killed in mid-epoch, after its first checkpoint.
  void kill_one(const Words& words, const std::string& out) {
    Child child(program, words, folder);
    for (int i = 0; i < 4000 && child.running(); ++i) {
      std::error_code none;
      const fs::directory_iterator files(out + "/checkpoints", none);
      if (!none && std::any_of(begin(files), end(files), [](const auto& f) { return f.path().extension() == ".bwc"; }))
        break;
      ::usleep(1000);
    }
    ASSERT_TRUE(child.running()) << "the run was over before it could be killed";
    child.send(SIGKILL);
    EXPECT_EQ(child.wait().code, 128 + SIGKILL);
  }
  Words run_words(const std::string& out, const Words& more = {}) {
    Words all{"train",      "cnn",    photos, "--image-size", "96",   "--batch-size",       "4",      "--epochs",
              "2",          "--seed", "5",    "--memory",     "256M", "--checkpoint-every", "5steps", "--out",
              folder + out, "--json"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(CutImages, AResumeMayHaveOtherMemoryLanesWorkersAndCache) {
  const std::string whole = hash(run(run_words("/whole"))), out = folder + "/killed";
  kill_one(run_words("/killed"), out);
  const ChildResult resumed =
      run({"resume", out, "--memory", "192M", "--lanes", "1", "--workers", "1", "--loader-batch", "7",
           "--checkpoint-every", "3steps", "--cache", folder + "/cache", "--json"});
  EXPECT_EQ(hash(resumed), whole);
  EXPECT_TRUE(fs::exists(folder + "/cache"));
  const json settings = json::parse(text_of_file(out + "/run.json"))["settings"];
  EXPECT_EQ(settings["memory"], 192 << 20);
  EXPECT_EQ(settings["lanes"], 1);
  EXPECT_EQ(settings["workers"], 1);
  EXPECT_EQ(settings["loader_batch"], 7);
  EXPECT_EQ(settings["checkpoint_every"], "3steps");
  EXPECT_EQ(settings["images"]["cache"], folder + "/cache");
}

TEST_F(CutImages, AResumeWithAReplacedImageIsRefusedUnlessItWasOnlyCopied) {
  const std::string out = folder + "/killed";
  kill_one(run_words("/killed"), out);
  fs::path one;
  for (const auto& entry : fs::recursive_directory_iterator(photos + "/ants"))
    if (entry.is_regular_file() && entry.path().extension() == ".jpg") one = entry.path();
  fs::last_write_time(one, fs::last_write_time(one) + std::chrono::hours(1));
  const ChildResult refused = run({"resume", out, "--json"});
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_NE(refused.err.find("--allow-changed-files"), std::string::npos) << refused.err;
  const ChildResult allowed = run({"resume", out, "--allow-changed-files", "--json"});
  EXPECT_EQ(allowed.code, 0) << allowed.err;
  EXPECT_NE(allowed.err.find("other sizes or times of change"), std::string::npos) << allowed.err;
}

TEST_F(CutImages, AResumeWithAReplacedImageForValidationIsRefusedByName) {
  const std::string others = folder + "/others", out = folder + "/killed";
  fs::copy(photos, others, fs::copy_options::recursive);
  kill_one(run_words("/killed", {"--validation-data", others}), out);
  for (const auto& entry : fs::recursive_directory_iterator(others + "/ants"))
    if (entry.is_regular_file()) fs::last_write_time(entry.path(), entry.last_write_time() + std::chrono::hours(1));
  const ChildResult refused = run({"resume", out, "--json"});
  EXPECT_EQ(refused.code, 2) << refused.err;
  EXPECT_NE(refused.err.find("the files of the validation data, " + others), std::string::npos) << refused.err;
  EXPECT_EQ(run({"resume", out, "--allow-changed-files", "--json"}).code, 0);
}

TEST_F(CutImages, KilledInMidEpochItResumesToTheSameBitsEvenWithoutTheCacheItHad) {
  const std::string whole = hash(run(run_words("/whole")));
  kill_one(run_words("/killed", {"--cache", folder + "/cache"}), folder + "/killed");
  fs::remove_all(folder + "/cache");
  const ChildResult resumed = run({"resume", folder + "/killed", "--json"});
  EXPECT_EQ(hash(resumed), whole);
  EXPECT_EQ(resumed.err.find("other sizes or times of change"), std::string::npos) << resumed.err;
}

// 3 x 2 pixels with an alpha channel.
constexpr char kRgbaWebP[] =
    "\x52\x49\x46\x46\x1e\x00\x00\x00\x57\x45\x42\x50\x56\x50\x38\x4c\x11\x00\x00\x00\x2f\x02\x40\x00"
    "\x10\x07\x50\x8a\x2a\xd4\xa3\x28\x81\x88\xe8\x7f\x00\x00";

TEST_F(CliImages, WebPFilesAreImagesForEveryCommand) {
  const std::string webp = folder + "/webp";
  for (const char* name : {"/a", "/b"}) {
    fs::create_directories(webp + name);
    for (const char* file : {"/1.webp", "/2.WebP"})
      fs::copy_file(kGolden + "/refused/webp_inside.jpg", webp + name + file);
  }
  const Words words = {"train", "cnn", webp, "--image-size", "16", "--batch-size", "1", "--epochs", "1"};
  const ChildResult trained = run(words);
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_NE(trained.err.find("4/4"), std::string::npos) << trained.err;
  std::ofstream(webp + "/a/clear.webp", std::ios::binary) << std::string(kRgbaWebP, sizeof kRgbaWebP - 1);
  const ChildResult inspected = run({"inspect", webp, "--out", folder + "/sheet.png"});
  EXPECT_EQ(inspected.code, 0) << inspected.err;
  for (const char* part :
       {"5 images", "WebP: 5", "clear.webp has an alpha channel: it takes --color-mode rgba", "0 damaged"})
    EXPECT_NE(inspected.out.find(part), std::string::npos) << part << inspected.out;
  EXPECT_EQ(json::parse(run({"inspect", webp, "--json"}).out)["rgba_only"], json({webp + "/a/clear.webp"}));
}

TEST_F(CliImages, InspectCountsAndDraws) {
  fs::copy_file(kGolden + "/refused/bad_crc.png", photos + "/ants/bad.png");
  const std::string jpeg = text_of_file(kGolden + "/photos/Bees/base_420.jpg");
  std::ofstream(photos + "/ants/cut.jpg", std::ios::binary) << jpeg.substr(0, jpeg.size() * 3 / 4) << "\xff\xd9";
  const ChildResult text = run({"inspect", photos, "--out", folder + "/sheet.png"});
  ASSERT_EQ(text.code, 0) << text.err;
  for (const char* part : {"74 images", "class 1 ants: 28", "JPEG: 39", "1 damaged", "1 suspicious",
                           "ants/cut.jpg: Corrupt JPEG data", "jpeg_inside.png holds a JPEG", "3 files .txt"})
    EXPECT_NE(text.out.find(part), std::string::npos) << part << text.out;
  const std::string sheet = text_of_file(folder + "/sheet.png");
  WholeImage image;
  ImageDecoder().decode({reinterpret_cast<const uint8_t*>(sheet.data()), sheet.size()}, 3, image, "sheet");
  // The line above the second row of pictures.
  std::vector<uint8_t> line(static_cast<size_t>(image.width * kLetterHeight * 2 * 3), 240);
  draw_letters("ants, 28 images", 2, 40, line.data() + 4 * 3, image.width);
  const auto* drawn = image.pixels.data() + (4 + 20 + 100) * image.width * 3;
  EXPECT_TRUE(std::equal(line.begin(), line.end(), drawn));
  const json event = json::parse(run({"inspect", photos, "--json"}).out);
  EXPECT_EQ(event["files"], 74);
  EXPECT_EQ(event["suspicious"].size(), 1);
  EXPECT_EQ(event["damaged"].size(), 1);
  EXPECT_EQ(event["classes"][2]["name"], "café");
}

TEST_F(CliImages, NamesOfFilesDoNotSteerTheTerminal) {
  std::ofstream(photos + "/ants/a\n2 damaged\033[31m.jpg") << "no image";
  fs::create_directories(photos + "/wasps\033[31m");
  for (const Words& words : {Words{"inspect", photos}, train_photos({"--on-bad-file", "skip"})}) {
    const ChildResult result = run(words);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE((result.out + result.err).find("ants/a 2 damaged [31m.jpg"), std::string::npos) << result.out;
    EXPECT_EQ((result.out + result.err).find('\033'), std::string::npos) << result.out;
  }
}

TEST_F(CliImages, RefusesWhatDoesNotFit) {
  expect_error(run({"train", "cnn", photos, "--image-size", "0", "--batch-size", "8", "--epochs", "1"}), 2,
               "[--image-size] the value must be one number or height x width");
  expect_error(run(train_photos({"--color-mode", "bgr"})), 2, "[--color-mode] the value must be one of rgb, ");
  expect_error(run(train_photos({"--interpolation", "bilinar"})), 2, "Did you mean \"bilinear\"?");
  expect_error(run(train_photos({"--crop-to-aspect-ratio", "--pad-to-aspect-ratio"})), 2,
               "[--crop-to-aspect-ratio] only one of");
  expect_error(run(train_photos({"--on-bad-file", "maybe"})), 2,
               "[--on-bad-file] the value must be one of error, skip. Got \"maybe\"");
  fs::create_directories(folder + "/none/a");
  expect_error(run({"train", "cnn", folder + "/none", "--batch-size", "8", "--epochs", "1"}), 2,
               "class folders of images");
}

}  // namespace
}  // namespace batchwise
