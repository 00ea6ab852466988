// The budget never changes the result: memory, lanes and the way data is read leave the weights' bits alone.
#include <gtest/gtest.h>

#include <set>

#include "saving/weights_hash.h"
#include "tests/small_models.h"
#include "training/memory/process_bytes.h"

namespace batchwise {
namespace {

constexpr int64_t kSamples = 83;

struct Outcome {
  std::string hash;
  std::vector<double> losses;
  Plan plan;
};

struct Case {
  int64_t batch_size = 16;
  int64_t grain = 0;
  bool validation = false;
};

struct Tally {
  int runs = 0, by_grain = 0, recomputed = 0;
  std::set<int> lanes;
  std::set<int64_t> peaks;
};

FitOptions options_of(const Case& about, int lanes, int64_t memory) {
  FitOptions options;
  options.batch_size = about.batch_size;
  options.grain = about.grain;
  options.epochs = 2;
  options.seed = 11;
  options.verbose = 0;
  options.lanes = lanes;
  options.memory = memory;
  return options;
}

Outcome outcome_of(const SmallModel& subject, const Case& about, const Dataset& data, int lanes, int64_t memory) {
  Model model = subject.make();
  FitOptions options = options_of(about, lanes, memory);
  if (about.validation) options.validation_data = subject.data(19);
  const History history = model.fit(data, options);
  Outcome outcome{weights_sha256(model), history["loss"], history.plan};
  if (about.validation) outcome.losses.push_back(history["val_loss"].back());
  return outcome;
}

// What the same run needs at least, found as a user finds it: by asking for too little.
int64_t smallest_budget(const SmallModel& subject, const Case& about, const Dataset& data) {
  try {
    outcome_of(subject, about, data, 1, 1);
  } catch (const BudgetError& refused) { return refused.smallest_budget; }
  throw std::logic_error("one byte was enough");
}

// Between peaks: the smallest budget, and some above it. The process around may grow between asking and running, so
// that what was just enough is refused: then it is asked again, for a little more.
Outcome tight_outcome(const SmallModel& subject, const Case& about, const Dataset& data, int lanes, double share) {
  for (int attempt = 0;; ++attempt) {
    Model model = subject.make();
    const OneMeasure measure(model, data.source().resident_bytes(), 0);
    const int64_t roomy =
        model
            .plan(
                {.batch_size = about.batch_size, .memory = GiB(4), .lanes = lanes, .grain = about.grain, .data = &data})
            .peak_bytes;
    const int64_t smallest =
        model
            .plan(
                {.batch_size = about.batch_size, .memory = GiB(4), .lanes = lanes, .grain = about.grain, .data = &data})
            .smallest_budget -
        kProcessDrift;  // for this process
    const int64_t extra = about.validation ? smallest_budget(subject, about, data) - kProcessDrift - smallest : 0;
    try {
      return outcome_of(
          subject, about, data, lanes,
          smallest + extra + static_cast<int64_t>(share * static_cast<double>(roomy - smallest)) + attempt * KiB(64));
    } catch (const BudgetError&) {
      if (attempt == 30) throw;
    }
  }
}

void same_bits(const SmallModel& subject, const std::vector<Case>& cases, Tally& tally) {
  for (const Case& about : cases) {
    SCOPED_TRACE(subject.name + ", batch size " + std::to_string(about.batch_size) + ", grain " +
                 std::to_string(about.grain));
    const Dataset held = subject.data(kSamples), read = streamed(held);
    const Outcome first = outcome_of(subject, about, held, 1, GiB(4));
    const auto expect_same = [&](const Outcome& other, const std::string& how) {
      EXPECT_EQ(other.hash, first.hash) << how;
      EXPECT_EQ(other.losses, first.losses) << how;
      EXPECT_EQ(other.plan.grain, first.plan.grain) << how;
      EXPECT_EQ(other.plan.blocks, first.plan.blocks) << how;
      ++tally.runs;
      tally.by_grain += other.plan.gradient_sums < other.plan.blocks || other.plan.blocks < other.plan.lanes;
      tally.recomputed += !other.plan.recomputed.empty();
      tally.lanes.insert(other.plan.lanes);
      tally.peaks.insert(other.plan.peak_bytes - other.plan.bytes[ByteClass::Library]);
    };
    ++tally.runs;
    for (int lanes : {1, 2, 3, 5}) {
      const std::string with = " with " + std::to_string(lanes) + " lanes";
      expect_same(outcome_of(subject, about, lanes % 2 ? read : held, lanes, GiB(4)), "roomy" + with);
      expect_same(tight_outcome(subject, about, lanes % 2 ? held : read, lanes, 0.5), "halfway" + with);
      expect_same(tight_outcome(subject, about, read, lanes, 0.0), "smallest budget" + with);
    }
  }
}

const std::vector<Case> kCases = {{16, 0}, {16, 2}, {3, 0, true}, {3, 1}, {64, 1}};

void expect_covered(const Tally& tally) {
  EXPECT_GE(tally.runs, 60);
  EXPECT_GT(tally.by_grain, 0);
  for (int lanes : {1, 2, 3, 5})
    EXPECT_TRUE(tally.lanes.contains(lanes)) << lanes;  // a budget in between may have room for 4
  EXPECT_GT(tally.peaks.size(), 3u);
  testing::Test::RecordProperty("configurations", tally.runs);
  testing::Test::RecordProperty("summed_by_grain", tally.by_grain);
  testing::Test::RecordProperty("recomputing", tally.recomputed);
  testing::Test::RecordProperty("different_plans", static_cast<int>(tally.peaks.size()));
}

void prove(const SmallModel& subject, const std::vector<Case>& cases = kCases, bool recomputes = false) {
  Tally tally;
  same_bits(subject, cases, tally);
  expect_covered(tally);
  if (recomputes) { EXPECT_GT(tally.recomputed, 0); }
}

TEST(SameBits, OfAnMlpWithSampleWeights) { prove(small_mlp()); }
TEST(SameBits, OfACnnWithDropout) { prove(small_cnn_dropout()); }
TEST(SameBits, OfACnnWithExactBatchStatisticsWhichIsRecomputedInLittleMemory) {
  prove(small_cnn_exact(), kCases, true);
}
TEST(SameBits, OfACnnWithGhostBatchStatistics) {
  prove(small_cnn_ghost(), {{16, 0}, {16, 4}, {3, 0, true}, {64, 4}, {64, 8}});
}
// From all kept to the least: plans that compute more and more again.
TEST(SameBits, OfADeepResidualNetworkInEveryBudgetBetweenRoomyAndSmallest) {
  const SmallModel subject = small_residual();
  const Dataset data = subject.data(kSamples);
  const Case about{32, 2};
  const Outcome first = outcome_of(subject, about, data, 1, GiB(4));
  std::set<double> shares;
  for (int lanes : {1, 2})
    for (int step = 0; step <= 16; ++step) {
      const Outcome other = tight_outcome(subject, about, data, lanes, step / 16.0);
      EXPECT_EQ(other.hash, first.hash) << step << " of 16 with " << lanes << " lanes";
      shares.insert(other.plan.recompute_share);
    }
  EXPECT_GT(shares.size(), 8u);
}

TEST(SameBits, OfAGraphWithASharedLayerTwoInputsAndTwoOutputs) { prove(small_graph()); }
TEST(SameBits, WithFrozenLayers) { prove(small_frozen()); }
TEST(SameBits, WithPenaltiesOnWeightsAndActivations) { prove(small_penalised()); }
TEST(SameBits, WithALossThatSpansTheBatch) { prove(small_coupled()); }

TEST(SameBits, InMixedBfloat16) {
  for (const SmallModel& subject : {small_mlp(), small_cnn_exact(), small_graph()}) prove(in_bfloat16(subject));
}

TEST(SameBits, DifferWhereTheSeedOrTheBatchSizeDiffers) {
  const SmallModel subject = small_cnn_dropout();
  const Dataset data = subject.data(kSamples);
  std::set<std::string> hashes;
  for (int64_t batch_size : {16, 32}) hashes.insert(outcome_of(subject, {batch_size, 2}, data, 2, GiB(4)).hash);
  Model model = subject.make();
  FitOptions options = options_of({16, 2}, 2, GiB(4));
  options.seed = 12;
  model.fit(data, options);
  hashes.insert(weights_sha256(model));
  EXPECT_EQ(hashes.size(), 3u);
}

TEST(SameBits, ForEveryOptimizer) {
  SmallModel subject = small_mlp();
  for (const std::string& optimizer : Registry<Optimizer>::instance().names()) {
    SCOPED_TRACE(optimizer);
    subject.settings.optimizer = optimizer;
    Tally tally;
    same_bits(subject, {{16, 2}}, tally);
  }
}

}  // namespace
}  // namespace batchwise
