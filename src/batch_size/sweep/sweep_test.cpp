// Sweeps of a small model: cells that equal fit, cells that do not fit, halving, going on after a cut.
#include <batchwise/sweep.h>

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <utility>

#include <batchwise/byte_size.h>
#include <batchwise/dataset.h>
#include <batchwise/error.h>
#include <batchwise/layers.h>
#include <batchwise/losses.h>
#include <batchwise/optimizers.h>
#include <batchwise/rules.h>

#include "base/atomic_file.h"
#include "batch_size/sweep/sweep_record.h"
#include "formats/json/json.h"
#include "saving/weights_hash.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

struct Sweep : testing::Test {
  void SetUp() override {
    folder = testing::TempDir() + "batchwise_sweep_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder);
  }
  void TearDown() override { fs::remove_all(folder); }

  static Dataset data() {
    constexpr int64_t kSamples = 240;
    Array x(DType::Float32, {kSamples, 6}), y(DType::Int64, {kSamples});
    for (int64_t i = 0; i < kSamples; ++i) {
      y.data<int64_t>()[i] = (i * i + i) % 3;
      for (int64_t k = 0; k < 6; ++k)
        x.data<float>()[i * 6 + k] =
            static_cast<float>((i * 31 + k * 17) % 23) / 23.0f + (k % 3 == y.data<int64_t>()[i] ? 0.7f : 0.0f);
    }
    return Dataset(x, y);
  }
  static Model model() {
    Model made = Sequential({Input({6}), Dense({.units = 8, .activation = "relu"}), Dense({.units = 3})});
    made.compile({.optimizer = SGD({.learning_rate = 0.1f}),
                  .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                  .metrics = {"accuracy"}});
    return made;
  }
  SweepOptions options() const {
    SweepOptions made;
    made.batch_sizes = {8, 16, 32};
    made.seeds = {0, 1};
    made.fit.epochs = 4;
    made.fit.validation_split = 0.25;
    made.fit.memory = MiB(256);
    made.fit.lanes = 1;
    made.fit.verbose = 0;
    made.directory = folder;
    return made;
  }
  std::string folder;
};

// All that does not hang on how fast the machine was.
std::string without_times(const SweepResult& result) {
  SweepResult plain = result;
  for (SweepCell& cell : plain.cells) {
    cell.samples_per_second = 0;
    cell.peak_bytes = cell.smallest_budget = 0;  // what else this process holds is in them
    for (SweepEpoch& epoch : cell.epochs) epoch.seconds = 0;
  }
  for (SweepRow& row : plain.rows) row.seconds_to_target.reset();
  plain.recommendation.reset();
  return sweep_record(Config(), plain).text();
}

std::string refusal(const SweepOptions& options, const Model& model, const Dataset& data) {
  try {
    sweep(model, data, options);
  } catch (const Error& error) { return error.what(); }
  return "";
}

TEST_F(Sweep, ACellIsWhatFitMakesOfTheSameSettings) {
  const SweepResult result = sweep(model(), data(), options());
  ASSERT_EQ(result.cells.size(), 6u);
  const SweepCell& cell = result.cells[3];
  EXPECT_EQ(cell.name, "sgd_b16_lr0.2_seed1");
  EXPECT_EQ(cell.state, "done");
  ASSERT_EQ(cell.epochs.size(), 4u);
  EXPECT_EQ(cell.epochs.back().samples, 4 * 180);
  EXPECT_EQ(cell.epochs.back().updates, 4 * 12);

  Model alone = model();
  change_batch_size(alone, {.from = 8, .to = 16});
  FitOptions fit = options().fit;
  fit.batch_size = 16;
  fit.seed = 1;
  const History history = alone.fit(data(), fit);
  EXPECT_EQ(cell.weights_sha256, weights_sha256(alone));
  EXPECT_EQ(*find_log(cell.epochs.back().logs, "val_loss"), history["val_loss"].back());
  EXPECT_NE(*find_log(cell.trained, "loss"), history["loss"].back());  // a mean while weights changed
  EXPECT_NEAR(*find_log(cell.trained, "loss"), *find_log(alone.evaluate(data().slice(0, 180)), "loss"), 0.1);

  ASSERT_EQ(result.rows.size(), 3u);
  EXPECT_EQ(result.rows[0].seeds, 2);
  ASSERT_TRUE(result.target);
  EXPECT_EQ(result.target->metric, "val_accuracy");
  EXPECT_TRUE(result.recommendation);
  EXPECT_NE(sweep_table(result).find("Recommended: batch size"), std::string::npos) << result;
  EXPECT_FALSE(fs::exists(folder + "/cells/" + cell.name + "/checkpoints"));
  const Config kept = read_json(folder + "/sweep.json");
  EXPECT_EQ(kept.at("kind").as_string(), "sweep");
  EXPECT_EQ(kept.at("cells").as_list().size(), 6u);
  EXPECT_EQ(kept.at("summary").at("rows").as_list().size(), 3u);
}

TEST_F(Sweep, OptimizersAndLearningRatesAreCrossed) {
  SweepOptions crossed = options();
  crossed.batch_sizes = {8, 32};
  crossed.optimizers = {"adam", "sgd"};
  crossed.learning_rates = {0.01, 0.02};
  crossed.seeds = {7};
  crossed.fit.epochs = 1;
  const SweepResult result = sweep(model(), data(), crossed);
  std::vector<std::string> names;
  for (const SweepCell& cell : result.cells) names.push_back(cell.name);
  EXPECT_EQ(names, (std::vector<std::string>{"adam_b8_lr0.01_seed7", "adam_b8_lr0.02_seed7", "adam_b32_lr0.02_seed7",
                                             "adam_b32_lr0.04_seed7", "sgd_b8_lr0.01_seed7", "sgd_b8_lr0.02_seed7",
                                             "sgd_b32_lr0.04_seed7", "sgd_b32_lr0.08_seed7"}));
  EXPECT_EQ(result.curves.size(), 2u);
}

TEST_F(Sweep, ACellThatDoesNotFitIsAnsweredAndTheOthersGoOn) {
  SweepOptions tight = options();
  tight.fit.memory = model().plan({.batch_size = 8, .memory = GiB(1), .lanes = 1}).smallest_budget - MiB(2);
  tight.batch_sizes = {8};
  const SweepResult result = sweep(model(), data(), tight);
  for (const SweepCell& cell : result.cells) {
    EXPECT_EQ(cell.state, "infeasible");
    EXPECT_GT(cell.smallest_budget, tight.fit.memory);
    EXPECT_NE(cell.why.find("Got"), std::string::npos) << cell.why;
  }
  EXPECT_FALSE(result.target);
  EXPECT_NE(sweep_table(result).find("infeasible"), std::string::npos);
}

TEST_F(Sweep, ABatchLargerThanTheSamplesIsAnsweredAndTheOthersGoOn) {
  SweepOptions made = options();
  made.batch_sizes = {8, 200};  // of 240 rows a quarter is for validation
  const SweepResult result = sweep(model(), data(), made);
  for (const SweepCell& cell : result.cells) {
    EXPECT_EQ(cell.state, cell.batch_size == 8 ? "done" : "infeasible") << cell.name;
    if (cell.batch_size == 200) EXPECT_NE(cell.why.find("180 samples to train on"), std::string::npos) << cell.why;
  }
}

TEST_F(Sweep, ARunThatFailsIsAnsweredAndTheOthersGoOn) {
  SweepOptions wild = options();
  wild.learning_rates = {0.1, 1e30};
  wild.batch_sizes = {8};
  const SweepResult result = sweep(model(), data(), wild);
  EXPECT_EQ(result.cells[0].state, "done");
  EXPECT_EQ(result.cells[2].state, "failed");
  EXPECT_NE(result.cells[2].why.find("finite"), std::string::npos) << result.cells[2].why;
  EXPECT_EQ(result.rows[1].state, "failed");
}

struct FailsOnce final : Callback {
  explicit FailsOnce(bool& fails) : fails_(fails) {}
  void on_epoch_end(int64_t, Logs&, RunControl&) override {
    if (std::exchange(fails_, false)) fail_run("output", "the disk is full.");
  }
  std::string name() const override { return "FailsOnce"; }
  bool& fails_;
};

TEST_F(Sweep, AFullDiskSaysNothingOfACell) {
  SweepOptions made = options();
  made.batch_sizes = {8};
  bool fails = true;
  made.callbacks = [&](const SweepCell&) {
    return std::vector<std::shared_ptr<Callback>>{std::make_shared<FailsOnce>(fails)};
  };
  EXPECT_NE(refusal(made, model(), data()).find("disk"), std::string::npos);
  for (const SweepCell& cell : sweep(model(), data(), made).cells) EXPECT_EQ(cell.state, "done") << cell.why;
}

TEST_F(Sweep, WhatDidNotFitIsTriedAgainWhenItGoesOn) {
  SweepOptions made = options();
  made.batch_sizes = {8};
  made.seeds = {0};
  const SweepCell whole = sweep(model(), data(), made).cells[0];
  SweepCell refused = whole;
  refused.state = "infeasible";
  refused.why = "the room was taken";
  refused.smallest_budget = GiB(900);
  refused.epochs.clear();
  write_file_atomically(folder + "/cells/" + refused.name + "/result.json", indented_json(record_of(refused)));
  const SweepCell again = sweep(model(), data(), made).cells[0];
  EXPECT_EQ(again.state, "done") << again.why;
  EXPECT_EQ(again.weights_sha256, whole.weights_sha256);
  EXPECT_EQ(again.why, "");
  EXPECT_LT(again.smallest_budget, GiB(1));
}

TEST_F(Sweep, TellsTheEndOfACellOnce) {
  SweepOptions halved = options();
  halved.batch_sizes = {8, 200};  // the second does not fit
  halved.learning_rates = {1e-6, 0.1};
  halved.halving = true;
  std::map<std::string, int> ends;
  halved.on_cell = [&](const SweepCell& cell, size_t, size_t) { ends[cell.name] += cell.state != "open"; };
  for (const char* when : {"first", "resumed"}) {
    ends.clear();
    sweep(model(), data(), halved);
    EXPECT_EQ(ends.size(), 8u);
    for (const auto& [name, count] : ends) EXPECT_EQ(count, 1) << when << " " << name;
  }
}

TEST_F(Sweep, HalvingStopsWhatIsBehindAndSaysSo) {
  SweepOptions halved = options();
  halved.learning_rates = {1e-6, 0.1};
  halved.halving = true;
  const SweepResult result = sweep(model(), data(), halved);
  for (const SweepCell& cell : result.cells) {
    const bool hopeless = cell.learning_rate < 1e-3;
    EXPECT_EQ(cell.state, hopeless ? "stopped" : "done") << cell.name;
    EXPECT_EQ(cell.epochs.size(), hopeless ? 2u : 4u) << cell.name;
  }
  // Cells that went on are what they would have been without a stop.
  SweepOptions whole = options();
  whole.learning_rates = {0.1};
  whole.directory.clear();
  EXPECT_EQ(sweep(model(), data(), whole).cells[1].weights_sha256, result.cells[3].weights_sha256);
  EXPECT_EQ(without_times(sweep(model(), data(), halved)), without_times(result));
}

TEST_F(Sweep, GoesOnWhereItWasInterrupted) {
  SweepOptions whole = options();
  whole.directory.clear();
  const std::string expected = without_times(sweep(model(), data(), whole));

  std::atomic<bool> interrupt{false};
  SweepOptions cut = options();
  cut.fit.checkpoint.every_steps = 3;
  cut.fit.interrupt = &interrupt;
  int cells = 0, interruptions = 0;
  cut.on_cell = [&](const SweepCell& cell, size_t, size_t) { interrupt = cell.state == "open" && ++cells % 2 == 0; };
  while (true) {
    interrupt = false;
    try {
      EXPECT_EQ(without_times(sweep(model(), data(), cut)), expected);
      break;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::Interrupted) << error.what();
      ASSERT_LT(++interruptions, 20);
    }
  }
  EXPECT_GT(interruptions, 2);
}

TEST_F(Sweep, StopsAfterTheSamplesAsked) {
  SweepOptions some = options();
  some.samples = 300;
  some.batch_sizes = {10};
  for (const SweepCell& cell : sweep(model(), data(), some).cells) {
    EXPECT_EQ(cell.epochs.back().samples, 300);
    EXPECT_EQ(cell.epochs.size(), 2u);
    EXPECT_EQ(cell.state, "done");
  }
}

TEST_F(Sweep, BeginsNoCellWhenTheTimeIsOver) {
  SweepOptions late = options();
  late.seconds = 1e-9;
  const SweepResult result = sweep(model(), data(), late);
  EXPECT_EQ(result.cells[0].state, "done");
  for (size_t c = 1; c < result.cells.size(); ++c) {
    EXPECT_EQ(result.cells[c].state, "open");
    EXPECT_NE(result.cells[c].why, "");
  }
}

TEST_F(Sweep, RefusesWhatCannotBeCompared) {
  SweepOptions wrong = options();
  wrong.batch_sizes = {};
  EXPECT_NE(refusal(wrong, model(), data()).find("batch sizes"), std::string::npos);
  wrong.batch_sizes = {8, 8};
  EXPECT_NE(refusal(wrong, model(), data()).find("twice"), std::string::npos);
  wrong = options();
  wrong.rule = "square_root";
  EXPECT_NE(refusal(wrong, model(), data()).find("the rule must suit SGD: \"linear\""), std::string::npos);
  wrong = options();
  wrong.halving = true;
  EXPECT_NE(refusal(wrong, model(), data()).find("several learning rates"), std::string::npos);
  wrong = options();
  wrong.target = SweepTarget{"val_acuracy", 0.9, ""};
  EXPECT_NE(refusal(wrong, model(), data()).find("which way is better. Got \"val_acuracy\""), std::string::npos);
  EXPECT_FALSE(fs::exists(folder + "/cells"));
  wrong.target = SweepTarget{"val_mae", 0.9, ""};
  EXPECT_NE(refusal(wrong, model(), data()).find("val_accuracy"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder + "/cells/sgd_b8_lr0.1_seed0/result.json"));
}

TEST_F(Sweep, RefusesAFolderOfAnotherSweep) {
  SweepOptions first = options();
  first.batch_sizes = {8};
  first.fit.epochs = 1;
  sweep(model(), data(), first);
  first.fit.epochs = 2;
  EXPECT_NE(refusal(first, model(), data()).find("other settings"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
