// Facts of callbacks that write files: names, the best of them, columns, and the same bytes over a resume.
#include <batchwise/callbacks.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "training/callbacks/fake_run_test.h"

namespace batchwise {
namespace {

TEST(FormatPath, FillsInEpochsAndValues) {
  const Logs logs = {{"val_loss", 0.12345}, {"accuracy", 0.5}, {"batch", 7}};
  EXPECT_EQ(format_path("m-{epoch:02d}-{val_loss:.2f}.keras", 3, logs), "m-03-0.12.keras");
  EXPECT_EQ(format_path("{epoch}", 12, logs), "12");
  EXPECT_EQ(format_path("{batch:4d}|{accuracy:06.2f}|{accuracy:.1e}|{val_loss}", 1, logs),
            "   7|000.50|5.0e-01|0.12345");
  EXPECT_EQ(format_path("{{a}}", 1, logs), "{a}");
  for (const char* bad : {"{loss:.2f}", "{epoch", "epoch}", "{epoch:x}", "{val_loss:d}", "{val_loss:.2f!}",
                          "{epoch:99d}", "{epoch:.2f}}"})
    EXPECT_THROW(format_path(bad, 1, logs), Error) << bad;
}

class SavedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / ("batchwise-callbacks-" + std::to_string(::getpid()))).string();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return folder_ + '/' + name; }
  std::string text(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string folder_;
};

TEST_F(SavedFiles, ModelCheckpointSavesEveryEpochUnderItsName) {
  ModelCheckpoint callback({.filepath = path("deep/{epoch:02d}-{val_loss:.1f}.keras")});
  FakeRun run;
  run.epochs(callback, "val_loss", {3, 4});
  EXPECT_EQ(run.saved, (std::vector<std::string>{path("deep/01-3.0.keras"), path("deep/02-4.0.keras")}));
  EXPECT_TRUE(std::filesystem::is_directory(path("deep")));
  EXPECT_TRUE(run.messages.empty());
}

TEST_F(SavedFiles, ModelCheckpointKeepsTheBestAndRemembersItOverAResume) {
  const ModelCheckpointOptions options = {
      .filepath = path("{epoch}.weights.h5"), .save_best_only = true, .save_weights_only = true, .verbose = 1};
  ModelCheckpoint before(options), after(options);
  FakeRun run;
  run.epochs(before, "val_loss", {3, 4, 2});
  EXPECT_EQ(run.saved,
            (std::vector<std::string>{"weights " + path("1.weights.h5"), "weights " + path("3.weights.h5")}));
  EXPECT_EQ(run.messages[1], "Epoch 2: val_loss did not improve from 3.00000");
  after.restore(before.state());
  FakeRun resumed;
  after.on_train_begin({}, resumed);
  resumed.epochs(after, "val_loss", {2.5, 1}, 3);
  EXPECT_EQ(resumed.saved, std::vector<std::string>{"weights " + path("5.weights.h5")});
  EXPECT_EQ(resumed.messages[1],
            "Epoch 5: val_loss improved from 2.00000 to 1.00000, saving model to " + path("5.weights.h5"));
}

TEST_F(SavedFiles, ModelCheckpointCountsBatchesOverEpochs) {
  ModelCheckpoint callback({.filepath = path("{epoch}-{batch}.keras"), .save_freq = 3});
  FakeRun run;
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    callback.on_epoch_begin(epoch, run);
    for (int64_t step = 0; step < 4; ++step) callback.on_train_batch_end(step, {{"loss", 1}}, run);
    Logs logs;
    callback.on_epoch_end(epoch, logs, run);
  }
  EXPECT_EQ(run.saved, (std::vector<std::string>{path("1-3.keras"), path("2-2.keras")}));
}

TEST_F(SavedFiles, ModelCheckpointRefusesEndingsThatKerasRefuses) {
  EXPECT_THROW(ModelCheckpoint({.filepath = "a.h5"}), Error);
  EXPECT_THROW(ModelCheckpoint({.filepath = "a.keras", .save_weights_only = true}), Error);
  EXPECT_NO_THROW(ModelCheckpoint({.filepath = "a.keras", .initial_value_threshold = 3.0}));
}

void log_epochs(CSVLogger& logger, int64_t first, int64_t last) {
  FakeRun run;
  logger.on_train_begin({}, run);
  for (int64_t epoch = first; epoch < last; ++epoch) {
    Logs logs = {{"loss", 1.0 / static_cast<double>(epoch + 1)}, {"accuracy", 0.25}};
    if (epoch % 2) logs.emplace_back("val_loss", 2e-7);
    logger.on_epoch_end(epoch, logs, run);
  }
}

TEST_F(SavedFiles, CSVLoggerWritesKerasColumns) {
  CSVLogger logger({.filename = path("log.csv")});
  log_epochs(logger, 0, 2);
  EXPECT_EQ(text("log.csv"),
            "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.25,1.0,NA,NA\r\n1,0.25,0.5,NA,2e-07\r\n");
}

TEST_F(SavedFiles, CSVLoggerQuotesAsPythonsCsvModule) {
  FakeRun run;
  CSVLogger logger({.filename = path("log.csv")});
  Logs logs = {{"a,b", 1}, {"say \"x\"", 2}, {"two\nlines", 3}, {"val_a b", 4}};
  logger.on_train_begin({}, run);
  logger.on_epoch_end(0, logs, run);
  EXPECT_EQ(text("log.csv"), "epoch,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",val_a b\r\n0,1.0,2.0,3.0,4.0\r\n");
  CSVLogger dots({.filename = path("dots.csv"), .separator = "."});
  dots.on_train_begin({}, run);
  dots.on_epoch_end(0, logs, run);
  EXPECT_TRUE(text("dots.csv").ends_with("0.\"1.0\".\"2.0\".\"3.0\".\"4.0\"\r\n")) << text("dots.csv");
}

TEST_F(SavedFiles, CSVLoggerReplacesOrAppends) {
  {
    CSVLogger logger({.filename = path("log.csv")});
    log_epochs(logger, 0, 2);
  }
  const std::string once = text("log.csv");
  {
    CSVLogger logger({.filename = path("log.csv")});
    log_epochs(logger, 0, 2);
  }
  EXPECT_EQ(text("log.csv"), once);
  {
    CSVLogger logger({.filename = path("log.csv"), .append = true});
    log_epochs(logger, 2, 3);
  }
  EXPECT_EQ(text("log.csv"), once + "2,0.25,0.3333333333333333,NA,NA\r\n");
}

TEST_F(SavedFiles, CSVLoggerOfAResumedRunEndsWithTheSameBytes) {
  {
    CSVLogger logger({.filename = path("whole.csv"), .separator = ";"});
    log_epochs(logger, 0, 6);
  }
  for (int64_t kept = 0; kept < 6; ++kept) {
    const CSVLoggerOptions options = {.filename = path("log.csv"), .separator = ";"};
    std::string state;
    {
      CSVLogger killed(options);
      log_epochs(killed, 0, kept);
      state = killed.state();
      FakeRun run;
      Logs later = {{"accuracy", 9}, {"loss", 9}};
      killed.on_epoch_end(kept, later, run);  // after the checkpoint: trained again by the resumed run
    }
    CSVLogger resumed(options);
    resumed.restore(state);
    log_epochs(resumed, kept, 6);
    EXPECT_EQ(text("log.csv"), text("whole.csv")) << kept;
  }
}

TEST_F(SavedFiles, CSVLoggerReportsWhatItCannotWrite) {
  FakeRun run;
  CSVLogger nowhere({.filename = path("missing/log.csv")}), device({.filename = "/dev/full"});
  EXPECT_THROW(nowhere.on_train_begin({}, run), Error);
  EXPECT_THROW(device.on_train_begin({}, run), Error);
  EXPECT_THROW(CSVLogger({.filename = ""}), Error);
}

}  // namespace
}  // namespace batchwise
