// Facts of the callbacks: Keras's rules, and the same behaviour over a resume.
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

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

int64_t stops_after(EarlyStoppingOptions options, const std::vector<double>& losses) {
  EarlyStopping callback(std::move(options));
  FakeRun run;
  callback.on_train_begin({}, run);
  return run.epochs(callback, "val_loss", losses);
}

TEST(EarlyStopping, StopsAfterPatienceEpochsWithoutImprovement) {
  EXPECT_EQ(stops_after({.patience = 2}, {5, 4, 4, 4, 3}), 4);
  EXPECT_EQ(stops_after({.patience = 2}, {5, 4, 4, 3, 3, 3, 3}), 6);
  EXPECT_EQ(stops_after({.patience = 0}, {5, 4, 4, 3}), 3);
  EXPECT_EQ(stops_after({.patience = 9}, {5, 5, 5}), 3);
}

TEST(EarlyStopping, NeverStopsInTheFirstEpoch) { EXPECT_EQ(stops_after({.patience = 0}, {kNaN, kNaN, 1}), 2); }

TEST(EarlyStopping, SmallImprovementsDoNotCount) {
  EXPECT_EQ(stops_after({.min_delta = 0.5, .patience = 2}, {5, 4.8, 4.6, 1}), 3);
  EXPECT_EQ(stops_after({.min_delta = -0.5, .patience = 2}, {5, 4.8, 4.6, 1}), 3);  // the sign is ignored
}

TEST(EarlyStopping, TheBaselineMustBeBeatenForWaitingToStartAnew) {
  EXPECT_EQ(stops_after({.patience = 3, .baseline = 1.0}, {5, 4, 3, 3, 2, 2}), 4);
  EXPECT_EQ(stops_after({.patience = 3, .baseline = 3.5}, {5, 4, 3, 3, 3, 3, 3}), 6);
}

TEST(EarlyStopping, EarlierEpochsThanStartDoNotCount) {
  EXPECT_EQ(stops_after({.patience = 1, .start_from_epoch = 3}, {1, 2, 3, 4, 5, 6}), 5);
}

TEST(EarlyStopping, AutoKnowsWhatIsBetterWhenLarger) {
  EarlyStopping callback({.monitor = "val_accuracy", .patience = 1});
  FakeRun run;
  EXPECT_EQ(run.epochs(callback, "val_accuracy", {0.1, 0.2, 0.3, 0.2, 0.5}), 4);
  EXPECT_EQ(callback.best(), 0.3);
  EXPECT_EQ(callback.stopped_epoch(), 3);
}

TEST(EarlyStopping, RestoresTheBestWeightsEvenWhenItNeverStopped) {
  EarlyStopping callback({.patience = 5, .restore_best_weights = true, .verbose = 1});
  FakeRun run;
  run.epochs(callback, "val_loss", {3, 1, 2});
  EXPECT_EQ(run.weights[0][0], 2);
  callback.on_train_end({}, run);
  EXPECT_EQ(run.weights[0][0], 1);
  EXPECT_EQ(callback.memory(100), 200);
  EXPECT_EQ(EarlyStopping().memory(100), 0);
}

TEST(EarlyStopping, SaysInKerasWordsThatItStopped) {
  EarlyStopping callback({.patience = 1, .verbose = 1});
  FakeRun run;
  run.epochs(callback, "val_loss", {1, 2});
  callback.on_train_end({}, run);
  EXPECT_EQ(run.messages, std::vector<std::string>{"Epoch 2: early stopping"});
}

TEST(EarlyStopping, AMissingValueOnlyWarns) {
  EarlyStopping callback({.patience = 1});
  FakeRun run;
  EXPECT_EQ(run.epochs(callback, "loss", {1, 2, 3}), 3);
  ASSERT_EQ(run.messages.size(), 3u);
  EXPECT_NE(run.messages[0].find("\"val_loss\""), std::string::npos);
}

TEST(EarlyStopping, AResumedRunStopsAndRestoresAsTheUninterruptedOne) {
  const std::vector<double> losses = {5, 3, 4, 4, 2, 3, 3, 3, 3};
  for (size_t cut = 1; cut < losses.size(); ++cut) {
    EarlyStopping whole({.patience = 3, .restore_best_weights = true}),
        before({.patience = 3, .restore_best_weights = true}), after({.patience = 3, .restore_best_weights = true});
    FakeRun run, first, second;
    whole.on_train_begin({}, run);
    const int64_t epochs = run.epochs(whole, "val_loss", losses);
    whole.on_train_end({}, run);
    before.on_train_begin({}, first);
    const int64_t done = first.epochs(before, "val_loss", {losses.begin(), losses.begin() + static_cast<int64_t>(cut)});
    if (first.stopped) break;
    after.restore(before.state());
    after.on_train_begin({}, second);
    EXPECT_EQ(done + second.epochs(after, "val_loss", {losses.begin() + static_cast<int64_t>(cut), losses.end()}, done),
              epochs);
    after.on_train_end({}, second);
    EXPECT_EQ(second.weights, run.weights);
    EXPECT_EQ(after.state(), whole.state());
  }
  EXPECT_THROW(EarlyStopping().restore("abc"), Error);
}

TEST(EarlyStopping, ASecondFitStartsAnew) {
  EarlyStopping callback({.patience = 1});
  FakeRun first, second;
  callback.on_train_begin({}, first);
  EXPECT_EQ(first.epochs(callback, "val_loss", {1, 2, 2}), 2);
  callback.on_train_begin({}, second);
  EXPECT_EQ(second.epochs(callback, "val_loss", {9, 8, 7}), 3);
}

TEST(EarlyStopping, RefusesWrongArguments) {
  EXPECT_THROW(EarlyStopping({.mode = "largest"}), Error);
  EXPECT_THROW(EarlyStopping({.patience = -1}), Error);
  EXPECT_THROW(EarlyStopping({.monitor = ""}), Error);
}

TEST(ReduceLROnPlateau, LowersTheRateAfterPatienceAndRestsForTheCooldown) {
  ReduceLROnPlateau callback(
      {.factor = 0.5, .patience = 2, .min_delta = 0, .cooldown = 2, .min_lr = 0.02, .verbose = 1});
  FakeRun run;
  run.rate = 0.1;
  run.epochs(callback, "val_loss", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  const std::vector<double> expected = {0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02};
  ASSERT_EQ(run.rates.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_DOUBLE_EQ(run.rates[i], expected[i]) << i;
  EXPECT_EQ(run.messages[0], "Epoch 3: ReduceLROnPlateau reducing learning rate to 0.05.");
}

TEST(ReduceLROnPlateau, RefusesARateThatAScheduleRulesBeforeTheFirstEpoch) {
  ReduceLROnPlateau callback;
  FakeRun run;
  RunFacts facts;
  callback.on_train_begin(facts, run);
  facts.has_schedule = true;
  EXPECT_THROW(callback.on_train_begin(facts, run), Error);
}

TEST(ReduceLROnPlateau, AddsTheRateOfTheEpochToTheLogs) {
  ReduceLROnPlateau callback({.patience = 0});
  FakeRun run;
  Logs logs = {{"val_loss", 1}};
  callback.on_epoch_end(0, logs, run);
  ASSERT_NE(find_log(logs, "learning_rate"), nullptr);
  EXPECT_EQ(*find_log(logs, "learning_rate"), 0.1);
}

TEST(ReduceLROnPlateau, AResumedRunLowersWhenTheUninterruptedOneDoes) {
  const std::vector<double> losses = {3, 3, 2, 2, 2, 2, 1, 1, 1, 1};
  ReduceLROnPlateau whole({.patience = 2, .cooldown = 1});
  FakeRun run;
  run.epochs(whole, "val_loss", losses);
  for (int64_t cut = 1; cut < 10; ++cut) {
    ReduceLROnPlateau before({.patience = 2, .cooldown = 1}), after({.patience = 2, .cooldown = 1});
    FakeRun same;
    same.epochs(before, "val_loss", {losses.begin(), losses.begin() + cut});
    after.restore(before.state());
    after.on_train_begin({}, same);
    same.epochs(after, "val_loss", {losses.begin() + cut, losses.end()}, cut);
    EXPECT_EQ(same.rates, run.rates);
  }
  EXPECT_THROW(ReduceLROnPlateau({.factor = 1.0}), Error);
}

TEST(LearningRateScheduler, SetsTheRateOfEveryEpochFromTheLast) {
  LearningRateScheduler callback([](int64_t epoch, double rate) { return epoch < 2 ? rate : rate * 0.5; }, 1);
  FakeRun run;
  run.epochs(callback, "loss", {1, 1, 1, 1});
  EXPECT_EQ(run.rates, (std::vector<double>{0.1, 0.1, 0.05, 0.025}));
  EXPECT_EQ(run.messages[2], "Epoch 3: LearningRateScheduler setting learning rate to 0.05.");
  EXPECT_THROW(LearningRateScheduler(nullptr), Error);
  LearningRateScheduler wrong([](int64_t, double) { return kNaN; });
  EXPECT_THROW(wrong.on_epoch_begin(0, run), Error);
}

TEST(TerminateOnNaN, StopsOrThrows) {
  TerminateOnNaN callback, raising({.raise_error = true});
  FakeRun run;
  callback.on_train_batch_end(0, {{"loss", 1}}, run);
  EXPECT_FALSE(run.stopped);
  callback.on_train_batch_end(1, {{"loss", std::numeric_limits<double>::infinity()}}, run);
  EXPECT_TRUE(run.stopped);
  EXPECT_EQ(run.messages[0], "Batch 1: Invalid loss, terminating training");
  EXPECT_THROW(raising.on_train_batch_end(2, {{"loss", kNaN}}, run), Error);
}

TEST(LambdaCallback, CallsWhatIsSet) {
  LambdaCallback callback;
  FakeRun run;
  EXPECT_NO_THROW(run.epochs(callback, "loss", {1}));
  int64_t seen = -1;
  callback.epoch_end = [&](int64_t epoch, Logs&, RunControl&) { seen = epoch; };
  run.epochs(callback, "loss", {1, 1});
  EXPECT_EQ(seen, 1);
}

}  // namespace
}  // namespace batchwise
