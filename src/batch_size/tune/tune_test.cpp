// tune: the parts it is made of, and that being stopped anywhere does not change what it finds.
#include <batchwise/tune.h>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <random>

#include <batchwise/batchwise.h>

#include "batch_size/tune/branch.h"
#include "batch_size/tune/race.h"
#include "batch_size/tune/rate_range.h"
#include "batch_size/tune/sine_task_test.h"
#include "batch_size/tune/speeds.h"
#include "batch_size/tune/standings.h"
#include "batch_size/tune/tune_record.h"

namespace batchwise {
namespace {

TuneOptions few_samples() {
  TuneOptions options;
  options.goal = TuneGoal::Samples;
  options.batch_sizes = {16, 64, 256};
  options.samples = 60000;
  return options;
}

TEST(Tune, RecommendsAPairThatLearnsAndChangesNothingInTheModel) {
  const SineTask task;
  const Model model = task.model();
  const std::vector<Array> before = model.get_weights();
  const Dataset data(task.x, task.y);
  const TuneResult result = tune(model, data, few_samples());
  EXPECT_GT(result.advice.batch_size, 0);
  EXPECT_GT(result.advice.learning_rate, 0);
  EXPECT_FALSE(result.advice.reasons.empty());
  ASSERT_TRUE(result.runner_up);
  EXPECT_LE(result.samples, 60000);
  double first = 0, best = 1e9;
  for (const TuneBranch& branch : result.branches)
    if (branch.round == 1) first = branch.loss_before;
    else best = std::min(best, branch.loss);
  EXPECT_LT(best, 0.7 * first);
  // With equal samples, a batch of 256 of 1500 samples is too large to win.
  EXPECT_LT(result.advice.batch_size, 256);
  const std::vector<Array> after = model.get_weights();
  for (size_t w = 0; w < before.size(); ++w)
    for (int64_t i = 0; i < before[w].shape().count(); ++i)
      ASSERT_EQ(before[w].data<float>()[i], after[w].data<float>()[i]);
}

// Losses and choices; not the speeds and seconds of the machine.
std::string findings(const TuneResult& result) {
  std::string text;
  for (const TuneBranch& branch : result.branches)
    text += std::to_string(branch.round) + " " + std::to_string(branch.batch_size) + " " +
            std::to_string(branch.learning_rate) + " " + std::to_string(branch.samples) + " " +
            std::to_string(branch.loss) + "\n";
  return text + std::to_string(result.advice.batch_size) + " " + std::to_string(result.advice.learning_rate) + " " +
         (result.critical_batch ? std::to_string(result.critical_batch->value) : "");
}

TEST(Tune, RecommendsWhoComesFirstToTheValueToReach) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 200000;
  options.reach = 0.2;
  const TuneResult result = tune(task.model(), Dataset(task.x, task.y), options);
  EXPECT_LE(result.samples, 200000);
  double shortest = std::numeric_limits<double>::infinity();
  for (const TuneBranch& branch : result.branches) {
    if (!branch.way) continue;
    EXPECT_LE(*branch.way, static_cast<double>(branch.samples));
    EXPECT_LE(branch.score, 0.2);
    shortest = std::min(shortest, *branch.way);
  }
  ASSERT_LT(shortest, 200000);
  const auto chosen = std::find_if(result.branches.begin(), result.branches.end(), [&](const TuneBranch& branch) {
    return branch.batch_size == result.advice.batch_size && branch.learning_rate == result.advice.learning_rate &&
           branch.way;
  });
  ASSERT_NE(chosen, result.branches.end());
  EXPECT_LT(*chosen->way, 2 * shortest);
  EXPECT_NE(result.advice.reasons.front().find("came to loss 0.2 first"), std::string::npos)
      << result.advice.reasons.front();
}

TEST(Tune, WhoWasStoppedCloseBehindTheFirstGoesOnForTwiceItsWay) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 400000;
  options.reach = 0.2;
  const TuneResult result = tune(task.model(), Dataset(task.x, task.y), options);
  int64_t last = 0;
  for (const TuneBranch& branch : result.branches) last = std::max(last, branch.round);
  double shortest = std::numeric_limits<double>::infinity(), closest = shortest, went = 0;
  for (const TuneBranch& branch : result.branches)
    if (branch.repeat == 0 && branch.way) shortest = std::min(shortest, *branch.way);
  for (const TuneBranch& branch : result.branches)
    if (branch.round == last && branch.repeat == 0 && !branch.way && branch.score < closest) {
      closest = branch.score;
      went = static_cast<double>(branch.samples);
    }
  ASSERT_LT(closest, 1);
  EXPECT_GE(went, 1.5 * shortest);
}

TEST(Tune, RepeatsOfAWayToAValueBeginWhereTheModelWasGiven) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 200000;
  options.reach = 0.2;
  const TuneResult result = tune(task.model(), Dataset(task.x, task.y), options);
  bool continued = false, repeated = false;
  for (const TuneBranch& branch : result.branches) {
    const bool anew = branch.loss_before == result.branches.front().loss_before;
    continued = continued || !anew;
    repeated = repeated || branch.repeat > 0;
    EXPECT_TRUE(anew || branch.repeat == 0) << branch.batch_size << " repeat " << branch.repeat;
  }
  EXPECT_TRUE(continued);
  EXPECT_TRUE(repeated);
}

TEST(Tune, SaysThatNoneCameToAValueOutOfReach) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 20000;
  options.reach = 1e-9;
  const TuneResult result = tune(task.model(), Dataset(task.x, task.y), options);
  EXPECT_LE(result.samples, 20000);
  EXPECT_TRUE(result.advice.sure.starts_with("not at all")) << result.advice.sure;
}

TEST(Tune, RefusesAValueThatTheModelHasAlreadyReached) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.reach = 1e9;
  EXPECT_THROW(tune(task.model(), Dataset(task.x, task.y), options), Error);
  options.reach = 0.2;
  options.goal = TuneGoal::Best;
  EXPECT_THROW(tune(task.model(), Dataset(task.x, task.y), options), Error);
}

TEST(Tune, RefusesAMetricThatDoesNotSayWhichWayIsBetter) {
  const SineTask task;
  Model model = task.model();
  CompileOptions compiled = *model.compiled();
  compiled.metrics = {metrics::MeanAbsoluteError({.name = "score"})};
  model.compile(compiled);
  TuneOptions options = few_samples();
  options.metric = "score";
  try {
    tune(model, Dataset(task.x, task.y), options);
    ADD_FAILURE() << "a way was guessed";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("which way is better. Got \"score\""), std::string::npos) << error.what();
  }
}

TEST(Tune, LeavesOutSizesThatItsSamplesAreTooFewForAndRefusesThoseThatWereAskedFor) {
  const SineTask task;
  const Model model = task.model();
  TuneOptions options = few_samples();
  options.samples = 5000;
  options.batch_sizes = {};
  const TuneResult result = tune(model, Dataset(task.x, task.y), options);
  EXPECT_LE(result.samples, 5000);
  EXPECT_GE(result.speeds.size(), 1u);
  options.batch_sizes = {256};
  try {
    tune(model, Dataset(task.x, task.y), options);
    FAIL() << "5000 samples are too few for the range test alone";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Got 5000"), std::string::npos) << error.what();
  }
}

TEST(Tune, KeepsToItsTime) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 0;
  options.goal = TuneGoal::Fastest;
  options.seconds = 1.5;
  const TuneResult result = tune(task.model(), Dataset(task.x, task.y), options);
  EXPECT_LT(result.seconds, 2.5);
  EXPECT_GT(result.advice.batch_size, 0);
}

TEST(Tune, SaysHowMuchTimeItNeedsAtLeast) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.samples = 0;
  options.seconds = 1e-4;
  try {
    tune(task.model(), Dataset(task.x, task.y), options);
    FAIL() << "a tenth of a millisecond is too little for a test of learning rates";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input);
    EXPECT_NE(std::string(error.what()).find("at least "), std::string::npos) << error.what();
  }
}

TEST(Tune, RefusesABatchLargerThanTheSamplesToTrainOn) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.batch_sizes = {16, 1400};  // 1500 rows, a tenth of them held out
  try {
    tune(task.model(), Dataset(task.x, task.y), options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("at most the 1350 samples"), std::string::npos) << error.what();
  }
}

// The same as one that was not stopped.
void expect_the_same_when_stopped(TuneOptions options) {
  const SineTask task;
  const Model model = task.model();
  const Dataset data(task.x, task.y);
  const std::string whole = findings(tune(model, data, options));
  options.directory = std::filesystem::temp_directory_path() / "bw_tune_resumed";
  std::filesystem::remove_all(options.directory);
  int messages = 0, stops = 0;
  options.on_message = [&](const std::string&) {
    if (++messages % 3 == 0) throw Error(ErrorKind::Run, "stopped");
  };
  options.resume = true;
  for (;; ++stops) {
    ASSERT_LT(stops, 40);
    try {
      EXPECT_EQ(findings(tune(model, data, options)), whole);
      break;
    } catch (const Error& error) { ASSERT_STREQ(error.what(), "stopped"); }
  }
  EXPECT_GE(stops, 3);
  options.samples += 1;
  EXPECT_THROW(tune(model, data, options), Error);  // another question needs another folder
  std::filesystem::remove_all(options.directory);
}

TEST(Tune, StoppedAnywhereAndResumedFindsTheSame) {
  TuneOptions options = few_samples();
  options.samples = 20000;
  expect_the_same_when_stopped(options);
}

TEST(Tune, StoppedOnTheWayToAValueAndResumedFindsTheSame) {
  TuneOptions options = few_samples();
  options.samples = 200000;
  options.reach = 0.2;
  expect_the_same_when_stopped(options);
}

TEST(Tune, AnswersABudgetThatNothingFits) {
  const SineTask task;
  TuneOptions options = few_samples();
  options.fit.memory = 1000000;
  EXPECT_THROW(tune(task.model(), Dataset(task.x, task.y), options), BudgetError);
}

TEST(Tune, RefusesDataToTrainOnThatIsNotFiniteNamingTheSample) {
  SineTask task;
  task.x.data<float>()[41 * 8] = std::nanf("");
  try {
    tune(task.model(), Dataset(task.x, task.y), few_samples());
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("values must be finite. Got nan"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace batchwise
