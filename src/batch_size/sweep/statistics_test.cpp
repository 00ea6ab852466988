// Intervals, targets, curves and halving against values worked out by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "batch_size/sweep/halving.h"
#include "batch_size/sweep/interval.h"
#include "batch_size/sweep/sweep_summary.h"
#include "batch_size/sweep/trade_off_curve.h"
#include "batch_size/sweep/way_to_target.h"

namespace batchwise {
namespace {

TEST(Statistics, AnIntervalIsTheMeanAndStudentsReach) {
  const std::vector<double> values{1, 2, 3};
  const Interval interval = interval_of(values);
  EXPECT_DOUBLE_EQ(interval.mean, 2);
  EXPECT_NEAR(*interval.low, 2 - 4.302652729749 / std::sqrt(3.0), 1e-9);
  EXPECT_NEAR(*interval.high, 2 + 4.302652729749 / std::sqrt(3.0), 1e-9);
}

TEST(Statistics, OneMeasurementHasNoInterval) {
  const std::vector<double> values{7};
  const Interval interval = interval_of(values);
  EXPECT_EQ(interval.mean, 7);
  EXPECT_FALSE(interval.low);
  EXPECT_FALSE(interval.high);
}

TEST(Statistics, WelchsTestTellsHowSure) {
  const std::vector<double> a{1, 2, 3}, b{2, 4, 6};
  // Means 2 and 4, variances of the means 1/3 and 4/3: t = 2 / sqrt(5/3) with 50/17 degrees.
  EXPECT_NEAR(*probability_smaller(a, b), 0.8905, 1e-3);
  EXPECT_NEAR(*probability_smaller(b, a), 1 - *probability_smaller(a, b), 1e-12);
  EXPECT_NEAR(*probability_smaller(a, a), 0.5, 1e-12);
  EXPECT_FALSE(probability_smaller(a, std::vector<double>{1}));
}

std::vector<NeededToTarget> made_runs(double least_updates, double critical, const std::vector<int64_t>& sizes,
                                      int seeds, double noise) {
  std::mt19937 generator(3);
  std::normal_distribution<double> normal(0, noise);
  std::vector<NeededToTarget> runs;
  for (int seed = 0; seed < seeds; ++seed)
    for (int64_t size : sizes) {
      const double updates =
          least_updates * (1 + critical / static_cast<double>(size)) * std::exp(noise > 0 ? normal(generator) : 0);
      runs.push_back({size, static_cast<uint64_t>(seed), updates, updates * static_cast<double>(size)});
    }
  return runs;
}

TEST(TradeOffCurve, FindsWhatMadeThePoints) {
  for (const double critical : {40.0, 200.0, 3000.0}) {
    const TradeOffCurve curve = fit_trade_off(made_runs(1500, critical, {32, 128, 512, 2048}, 1, 0));
    EXPECT_EQ(curve.why, "");
    EXPECT_NEAR(curve.critical_batch / critical, 1, 1e-5);
    EXPECT_NEAR(curve.least_updates / 1500, 1, 1e-5);
    EXPECT_NEAR(curve.least_samples / (1500 * critical), 1, 1e-5);
    EXPECT_FALSE(curve.low);  // one seed
  }
}

TEST(TradeOffCurve, ItsIntervalHoldsTheTruthOfNoisyPoints) {
  const TradeOffCurve curve = fit_trade_off(made_runs(1500, 200, {32, 128, 512, 2048}, 5, 0.1));
  ASSERT_EQ(curve.why, "");
  EXPECT_LT(*curve.low, 200);
  EXPECT_GT(*curve.high, 200);
  EXPECT_LT(*curve.high / *curve.low, 4);
}

TEST(TradeOffCurve, SaysWhyItCannotBeTold) {
  EXPECT_NE(fit_trade_off(made_runs(1500, 200, {32, 128}, 3, 0.01)).why, "");
  EXPECT_NE(fit_trade_off({}).why, "");
  EXPECT_NE(fit_trade_off(made_runs(1500, 1e7, {32, 128, 512}, 3, 0)).why.find("far above"), std::string::npos);
  EXPECT_NE(fit_trade_off(made_runs(1500, 0.01, {32, 128, 512}, 3, 0)).why.find("far below"), std::string::npos);
  std::vector<NeededToTarget> wild = made_runs(1500, 200, {32, 128, 512}, 1, 0);
  wild[1].updates *= 20;
  wild[1].samples *= 20;
  EXPECT_NE(fit_trade_off(wild).why.find("one curve"), std::string::npos);
}

SweepCell cell(const std::string& optimizer, int64_t size, double rate, uint64_t seed, std::vector<double> accuracies) {
  SweepCell made;
  made.optimizer = optimizer;
  made.batch_size = size;
  made.learning_rate = rate;
  made.seed = seed;
  made.name = optimizer + std::to_string(size) + std::to_string(rate) + std::to_string(seed);
  made.state = "done";
  for (double accuracy : accuracies) {
    const int64_t epoch = static_cast<int64_t>(made.epochs.size()) + 1;
    made.epochs.push_back({epoch,
                           1000 * epoch,
                           1000 * epoch / size,
                           0.5 * static_cast<double>(epoch),
                           {{"loss", 1}, {"accuracy", accuracy / 2}, {"val_loss", 1}, {"val_accuracy", accuracy}}});
  }
  made.trained = {{"loss", 1}, {"accuracy", accuracies.back() + 0.125}};
  return made;
}

TEST(WayToTarget, IsAStraightLineBetweenEpochs) {
  const SweepTarget target{"val_accuracy", 0.75, ""};
  const auto way = way_to(target, cell("sgd", 10, 0.1, 0, {0.25, 0.5, 1}));
  ASSERT_TRUE(way);
  EXPECT_DOUBLE_EQ(way->samples, 2500);
  EXPECT_DOUBLE_EQ(way->updates, 250);
  EXPECT_DOUBLE_EQ(way->seconds, 1.25);
  EXPECT_FALSE(way_to(target, cell("sgd", 10, 0.1, 0, {0.25, 0.5})));
  EXPECT_DOUBLE_EQ(way_to(target, cell("sgd", 10, 0.1, 0, {0.875, 1}))->samples, 1000);
  EXPECT_DOUBLE_EQ(way_to({"val_accuracy", 0.5, ""}, cell("sgd", 10, 0.1, 0, {0.25, 0.5}))->samples, 2000);
}

TEST(SweepSummary, TheTargetIsWhatThreeOfFourBatchSizesReach) {
  SweepResult result;
  for (const auto& [size, best] : std::vector<std::pair<int64_t, double>>{{10, 0.875}, {20, 1}, {50, 0.75}, {100, 0.5}})
    for (uint64_t seed : {0, 1})
      result.cells.push_back(cell("sgd", size, 0.1, seed, {0.25, best + (seed == 1 ? 0 : 0.0625)}));
  summarize(result, std::nullopt);
  ASSERT_TRUE(result.target);
  EXPECT_EQ(result.target->metric, "val_accuracy");
  EXPECT_EQ(result.target->value, 0.75);
  ASSERT_EQ(result.rows.size(), 4u);
  EXPECT_EQ(result.rows[3].reached, 0);
  EXPECT_FALSE(result.rows[3].samples_to_target);
  EXPECT_EQ(result.rows[2].reached, 2);
  EXPECT_DOUBLE_EQ(result.rows[0].gap->mean, 0.125);
  EXPECT_DOUBLE_EQ(result.rows[0].best->mean, 0.875 + 0.03125);
  EXPECT_TRUE(result.recommendation);
  EXPECT_EQ(result.recommendation->choice.batch_size, 20);
  EXPECT_EQ(result.recommendation->runner_up->batch_size, 10);
}

// The means of an epoch, "accuracy": half of it, would tell another one.
TEST(SweepSummary, TheGapIsThatOfTheWeightsAtTheEnd) {
  SweepResult result;
  result.cells = {cell("sgd", 10, 0.1, 0, {0.25, 0.75, 0.5}), cell("sgd", 20, 0.1, 0, {0.25, 0.75})};
  summarize(result, SweepTarget{"val_accuracy", 0.7, ""});
  EXPECT_DOUBLE_EQ(result.rows[0].gap->mean, 0.125);
  EXPECT_DOUBLE_EQ(result.rows[0].train->mean, 0.625);
}

TEST(SweepSummary, HowSureItIsCountsHowManyRowsCouldHaveBeenTheBest) {
  const auto sure_of = [](int rows) {
    SweepResult result;
    for (int r = 0; r < rows; ++r)
      for (uint64_t seed : {0, 1, 2})
        result.cells.push_back(cell(
            "sgd", 10, 0.1 * (1 + r), seed,
            {0.25, 0.5, r == 0 ? 0.98 - 0.02 * static_cast<double>(seed) : 0.9 - 0.02 * static_cast<double>(seed)}));
    summarize(result, SweepTarget{"val_accuracy", 0.8, ""});
    return result.recommendation->sure;
  };
  EXPECT_NE(sure_of(2), sure_of(6));
  EXPECT_NE(sure_of(6).find("for the best of 6 rows"), std::string::npos) << sure_of(6);
}

TEST(SweepSummary, CannotSayHowSureItIsOfWaysWithinTheFirstEpoch) {
  SweepResult result;
  for (int64_t size : {10, 20})
    for (uint64_t seed : {0, 1}) result.cells.push_back(cell("sgd", size, 0.1, seed, {0.9, 0.95}));
  summarize(result, SweepTarget{"val_accuracy", 0.8, ""});
  EXPECT_NE(result.recommendation->sure.find("within their first epoch"), std::string::npos)
      << result.recommendation->sure;
}

TEST(SweepSummary, ATargetThatNobodyReachesNamesTheNearest) {
  SweepResult result;
  result.cells = {cell("sgd", 10, 0.1, 0, {0.25, 0.5}), cell("sgd", 20, 0.1, 0, {0.25, 0.75})};
  summarize(result, SweepTarget{"val_accuracy", 0.99, ""});
  ASSERT_TRUE(result.recommendation);
  EXPECT_EQ(result.recommendation->choice.batch_size, 20);
  EXPECT_NE(result.recommendation->reasons[0].find("no row reached"), std::string::npos);
  EXPECT_NE(result.recommendation->sure.find("one seed"), std::string::npos);
}

TEST(Halving, LeavesOneRowOfAsManyAsThereAre) {
  EXPECT_EQ(halving_epochs(8, 4), (std::vector<int64_t>{2, 4}));
  EXPECT_EQ(halving_epochs(8, 5), (std::vector<int64_t>{1, 2, 4}));
  EXPECT_EQ(halving_epochs(2, 8), (std::vector<int64_t>{1}));
  EXPECT_TRUE(halving_epochs(1, 8).empty());
  EXPECT_TRUE(halving_epochs(8, 1).empty());
}

TEST(Halving, StopsNobodyWhereTheTimeWasOverBeforeAllCameSoFar) {
  std::vector<SweepCell> cells;
  for (double rate : {0.1, 0.2, 0.4}) cells.push_back(cell("sgd", 10, rate, 0, {rate, 1}));
  for (SweepCell& open : cells) open.state = "open";
  cells[2].epochs.clear();
  halve(cells, 1, "val_accuracy");
  for (const SweepCell& after : cells) EXPECT_EQ(after.state, "open") << after.why;
  cells[2].state = "failed";
  halve(cells, 1, "val_accuracy");
  EXPECT_EQ(cells[0].state, "open");
  EXPECT_EQ(cells[2].state, "failed");
}

TEST(Halving, StopsTheWorseHalfOfEveryBatchSize) {
  std::vector<SweepCell> cells;
  for (int64_t size : {10, 20})
    for (double rate : {0.1, 0.2, 0.4})
      for (uint64_t seed : {0, 1})
        cells.push_back(cell("sgd", size, rate, seed,
                             {(size == 10 ? 0.5 : 0) + (rate == 0.2   ? 0.25
                                                        : rate == 0.4 ? 0.125
                                                                      : 0),
                              1}));
  for (SweepCell& open : cells) open.state = "open";
  halve(cells, 1, "val_accuracy");  // what the second epoch says is not looked at
  for (const SweepCell& after : cells) EXPECT_EQ(after.state, after.learning_rate == 0.1 ? "stopped" : "open");
  EXPECT_NE(cells[0].why.find("behind after epoch 1"), std::string::npos) << cells[0].why;
  halve(cells, 1, "val_accuracy");
  for (const SweepCell& after : cells) EXPECT_EQ(after.state, after.learning_rate == 0.2 ? "open" : "stopped");
  halve(cells, 1, "val_accuracy");  // the last one stays
  EXPECT_EQ(cells[2].state, "open");
}

}  // namespace
}  // namespace batchwise
