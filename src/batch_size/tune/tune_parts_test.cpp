// The parts of tune: who races on, what a deadline is, how rates are ranged, speeds measured and standings read.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <numeric>

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

TEST(Race, KeepsTwoRatesOfEachSizeAndThenAThirdOfTheSizesDownToTwo) {
  EXPECT_EQ(racers_of_rounds(6), (std::vector<int64_t>{18, 12, 2}));
  EXPECT_EQ(racers_of_rounds(9), (std::vector<int64_t>{27, 18, 3, 2}));
  EXPECT_EQ(racers_of_rounds(2), (std::vector<int64_t>{6, 4, 2}));
  EXPECT_EQ(racers_of_rounds(1), (std::vector<int64_t>{3, 2}));
}

TEST(Race, SharesOutSamplesEquallyAndTimeBySpeed) {
  const std::vector<int64_t> rounds = {18, 6, 2};
  const RaceCourse samples{TuneGoal::Samples, 54000, 0};
  const Racer slow{10, 0.1, 100}, fast{100, 0.1, 1000};
  EXPECT_EQ(samples_of(slow, samples, rounds, 0), 1000);
  EXPECT_EQ(samples_of(fast, samples, rounds, 0), 1000);
  EXPECT_EQ(samples_of(slow, samples, rounds, 2), 9000);
  const RaceCourse time{TuneGoal::Fastest, 540, 0};
  EXPECT_EQ(samples_of(slow, time, rounds, 0), 1000);
  EXPECT_EQ(samples_of(fast, time, rounds, 0), 10000);
  const RaceCourse bounded{TuneGoal::Best, 1e18, 1300};
  EXPECT_EQ(samples_of(slow, bounded, rounds, 0) + samples_of(slow, bounded, rounds, 1) +
                samples_of(slow, bounded, rounds, 2),
            1300);
}

TEST(Deadline, OfMoreTimeThanAClockCountsLiesFarAhead) {
  for (const double seconds : {1e8, 3.6e12, 1e300, HUGE_VAL}) {
    const Deadline now = std::chrono::steady_clock::now();
    EXPECT_GT(after(seconds), now + std::chrono::hours(24 * 365)) << seconds;
  }
  EXPECT_LT(after(-1), std::chrono::steady_clock::now());
}

TEST(RateRange, IsBelowTheRateAtWhichTheLossWasLowest) {
  RateRange range;
  for (int i = 0; i < 40; ++i) {
    const double rate = 1e-5 * std::pow(10, i / 8.0), off = std::log10(rate / 0.05);
    range.points.push_back({rate, 1 + 0.1 * off * off});
  }
  choose_rates(range);
  EXPECT_NEAR(range.highest, 0.05, 0.01);
  EXPECT_NEAR(range.chosen, range.highest / 10, 1e-9);
  for (RatePoint& point : range.points) point.loss = 1;
  EXPECT_THROW(choose_rates(range), Error);
}

TEST(Speeds, UsualSizesLeaveUpdatesInAPass) {
  EXPECT_EQ(usual_batch_sizes(1000), (std::vector<int64_t>{16, 32, 64}));
  EXPECT_EQ(usual_batch_sizes(60000).back(), 4096);
  EXPECT_EQ(usual_batch_sizes(20), (std::vector<int64_t>{2}));
}

TEST(Standings, KnowWhichWayAMetricIsBetter) {
  EXPECT_TRUE(better_score("loss", 0.1, 0.2));
  EXPECT_TRUE(better_score("accuracy", 0.9, 0.8));
  EXPECT_FALSE(better_score("accuracy", std::numeric_limits<double>::infinity(), 0.8));
  EXPECT_TRUE(better_score("loss", 5, std::numeric_limits<double>::infinity()));
}

TEST(Standings, PutWhoCameToTheValueAheadOfABetterScoreLaterOnAndTheFirstOfThemFirst) {
  TuneBranch early, late, never;
  early.score = 0.49, early.way = 2;
  late.score = 0.4, late.way = 3;
  never.score = 0.51;
  EXPECT_TRUE(is_ahead(early, late, "loss"));
  EXPECT_TRUE(is_ahead(late, never, "loss"));
  EXPECT_FALSE(is_ahead(never, early, "loss"));
}

TEST(Standings, ChargeWhoCameToTheValueWithTheRepeatsThatDidNot) {
  TuneResult result;
  TuneBranch branch;
  branch.round = 2, branch.batch_size = 32, branch.seconds = 4, branch.score = 0.5, branch.way = 3;
  result.branches.push_back(branch);
  branch.repeat = 1, branch.way.reset(), branch.seconds = 7;
  result.branches.push_back(branch);
  branch.repeat = 0, branch.batch_size = 64, branch.way = 4, branch.score = 0.4;
  result.branches.push_back(branch);
  TuneOptions options;
  options.reach = 0.5;
  const std::vector<Standing> all = standings(result, options);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].branch.batch_size, 64);
  EXPECT_DOUBLE_EQ(*all[1].way, 3 + 7);
  EXPECT_DOUBLE_EQ(all[1].most - all[1].least, 4);
}

TEST(Speeds, TellBeforehandThatALargerSizeTakesTooLong) {
  const std::vector<TuneSpeed> speeds{{16, 0, true, 1000}, {64, 0, true, 0}};
  EXPECT_TRUE(steps_take_longer(speeds, 64, 0.05));
  EXPECT_FALSE(steps_take_longer(speeds, 64, 0.07));
  EXPECT_FALSE(steps_take_longer({{16, 0, true, 0}}, 64, 0.001));  // nothing is known yet
}

TEST(RateRange, TakesFewerStepsWhereThereIsNoTimeForAll) {
  const SineTask task;
  const RateRange range = rate_range(task.model(), Dataset(task.x, task.y), 16, {}, kFewestRangeSteps);
  EXPECT_LE(range.points.size(), static_cast<size_t>(kFewestRangeSteps));
  EXPECT_LE(range.samples, 16 * kFewestRangeSteps);
  EXPECT_GT(range.chosen, 1e-4);
  EXPECT_LT(range.chosen, 1);
}

// Inputs in the hundreds: at its own rate the model diverges in its first updates.
TEST(Speeds, AreThoseOfAModelWhoseOwnRateDiverges) {
  const SineTask task;
  Array far = task.x;
  for (int64_t i = 0; i < far.shape().count(); ++i) far.data<float>()[i] *= 1e6f;
  Model model = task.model();
  CompileOptions options = *model.compiled();
  options.optimizer = SGD({.learning_rate = 1});
  model.compile(options);
  TuneSpeed speed;
  speed.batch_size = 16;
  int64_t samples = 0;
  measure_speed(model, Dataset(far, task.y), {}, {.seconds = 0.05}, speed, samples);
  EXPECT_GT(speed.samples_per_second, 0);
}

TEST(Speeds, OfWeightsThatAreNotFiniteEndTheTune) {
  const SineTask task;
  const Model model = task.model();
  std::vector<Array> weights = model.get_weights();
  weights[0].data<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  Model lost = model.copy();
  lost.set_weights(weights);
  EXPECT_THROW(tune(lost, Dataset(task.x, task.y), {.goal = TuneGoal::Samples, .batch_sizes = {16}, .samples = 20000}),
               Error);
}

TEST(TuneRecord, OfABranchThatWasLostIsJson) {
  TuneResult result;
  TuneBranch branch;
  branch.loss_before = branch.loss = branch.score = branch.leg_score = kLost;
  result.branches.push_back(branch);
  EXPECT_EQ(tune_config(result, Config(Config::Object{})).text().find("Infinity"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
