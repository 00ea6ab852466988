// Facts of folders that hold results: a command that is refused neither takes their place nor leaves anything for the
// next one.
#include <batchwise/model.h>

#include "saving/weights_hash.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct ReplacedResults : Cli {
  const std::string mnist = BATCHWISE_SOURCE_DIR "/tests/golden/mnist";
  std::string out;
  void SetUp() override {
    Cli::SetUp();
    out = folder + "/out";
  }

  std::string model_file(const char* name, const char* seed) {
    const std::string run_folder = folder + "/" + name;
    EXPECT_EQ(
        run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--seed", seed, "--out", run_folder}).code,
        0);
    return run_folder + "/start.keras";
  }
  Words sweep_of(const std::string& model, const Words& more) {
    Words words{"sweep", model, mnist, "--batch-sizes", "64", "--epochs", "2", "--lanes", "1", "--out", out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::map<std::string, std::string> held() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(out))
      if (entry.is_regular_file()) files[entry.path().string()] = text_of_file(entry.path().string());
    return files;
  }
};

TEST_F(ReplacedResults, ARefusedSweepLeavesNoModelForTheNextOne) {
  const std::string a = model_file("a", "1"), b = model_file("b", "2");
  expect_error(run(sweep_of(a, {"--reach", "val_accuracy=0.9"})), 2, "--validation-split");
  ASSERT_EQ(run(sweep_of(b, {})).code, 0);
  EXPECT_EQ(weights_sha256(Model::load(out + "/start.keras")), weights_sha256(Model::load(b)));
}

TEST_F(ReplacedResults, OfASweepStayUntilTheNextOneMayBegin) {
  ASSERT_EQ(run(sweep_of("mlp", {})).code, 0);
  const auto before = held();
  expect_error(run(sweep_of("mlp", {"--overwrite", "--reach", "val_accuracy=0.9"})), 2, "--validation-split");
  expect_error(run(sweep_of("mlp", {"--overwrite", "--halving"})), 2, "several learning rates");
  expect_error(run(sweep_of(folder + "/none.keras", {"--overwrite"})), 2, "none.keras");
  EXPECT_EQ(held(), before);
  EXPECT_EQ(run(sweep_of("mlp", {"--overwrite", "--seed", "3"})).code, 0);
  EXPECT_NE(held(), before);
}

TEST_F(ReplacedResults, OfATuneStayUntilTheNextOneFindsSomething) {
  const Words words{"tune",      "mlp",   data,          "--batch-sizes", "16,64", "--goal", "samples",
                    "--samples", "60000", "--optimizer", "adam",          "--out", out};
  ASSERT_EQ(run(words).code, 0);
  const auto before = held();
  const auto again = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    all.emplace_back("--overwrite");
    return run(all);
  };
  EXPECT_EQ(again({"--metric", "beauty"}).code, 2);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(again({"--memory", "2M"}).code, 3);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(again({"--seed", "3"}).code, 0);
  EXPECT_FALSE(fs::exists(out + "/.older"));
  EXPECT_NE(held(), before);
}

TEST_F(ReplacedResults, OfARunStayUntilTheNextOneBegins) {
  const auto words = [&](const Words& more) {
    Words all{"train", "mlp", mnist, "--epochs", "1", "--out", out, "--overwrite"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  ASSERT_EQ(run(words({"--batch-size", "64"})).code, 0);
  const auto before = held();
  EXPECT_EQ(run(words({"--batch-size", "32", "--grain", "32", "--grow-batch", "noise", "--grow-to", "64"})).code, 2);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(run(words({"--batch-size", "64", "--memory", "2M"})).code, 3);
  EXPECT_EQ(held(), before);
  EXPECT_EQ(run(words({"--batch-size", "32"})).code, 0);
  EXPECT_FALSE(fs::exists(out + "/.older"));
  EXPECT_NE(held(), before);
}

TEST_F(ReplacedResults, ARunThatWaitedAsideWhenItsSuccessorWasKilledComesBack) {
  ASSERT_EQ(run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--out", out}).code, 0);
  const auto before = held();
  fs::create_directory(out + "/.older");
  for (const auto& entry : fs::directory_iterator(out))
    if (entry.path().filename() != ".older" && entry.path().filename() != "run.lock")
      fs::rename(entry.path(), out + "/.older/" + entry.path().filename().string());
  expect_error(run({"train", "mlp", mnist, "--batch-size", "64", "--epochs", "1", "--out", out}), 2,
               "holds a run already");
  EXPECT_EQ(held(), before);
}

TEST_F(ReplacedResults, ASweepThatDidNotFitGoesOnWithMoreMemory) {
  EXPECT_EQ(run(sweep_of("cnn", {"--memory", "2M"})).code, 3);
  const ChildResult more = run(sweep_of("cnn", {"--memory", "512M"}));
  EXPECT_EQ(more.code, 0) << more.err;
  EXPECT_EQ(run({"resume", out, "--memory", "1G", "--lanes", "2"}).code, 0);
  expect_error(run({"resume", out, "--batch-size", "32"}), 2, "a sweep goes on with the settings");
  expect_error(run(sweep_of("cnn", {"--memory", "512M", "--seed", "9"})), 2, "with other settings");
}

// Words of the program stand for what is built in, wherever a folder of that name lies.
TEST_F(ReplacedResults, BuiltInNamesAreKeptAsWords) {
  const auto in_folder = [&](Words words) {
    const fs::path before = fs::current_path();
    fs::current_path(folder);
    const ChildResult result = run(words);
    fs::current_path(before);
    return result;
  };
  fs::create_directories(folder + "/mlp");
  fs::create_directory_symlink(mnist, folder + "/mnist");
  const ChildResult trained =
      in_folder({"train", "mlp", "mnist", "--data-dir", ".", "--batch-size", "64", "--epochs", "1", "--out", out});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const json settings = json::parse(text_of_file(out + "/run.json"))["settings"];
  EXPECT_EQ(settings["data"], "mnist");
  EXPECT_EQ(settings["model"], "mlp");
  EXPECT_EQ(settings["data_dir"], (fs::canonical(folder) / "").string());
}

TEST_F(ReplacedResults, SamplesOfASweepAreThoseThatAreTrainedOn) {
  const ChildResult result = run({"sweep", "mlp", mnist, "--batch-sizes", "64", "--samples", "6000",
                                  "--validation-split", "0.5", "--lanes", "1", "--out", out});
  ASSERT_EQ(result.code, 0) << result.err;
  const json cell = json::parse(text_of_file(out + "/sweep.json"))["cells"][0];
  EXPECT_EQ(cell["epochs"].size(), 2u) << cell;
}

TEST_F(ReplacedResults, AHalvedSweepThatEndedIsFinished) {
  ASSERT_EQ(run(sweep_of("mlp", {"--learning-rates", "0.1,0.001", "--halving"})).code, 0);
  const ChildResult shown = run({"inspect", out});
  EXPECT_NE(shown.out.find("runs, finished"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("1 stopped"), std::string::npos) << shown.out;
}

}  // namespace
}  // namespace batchwise
