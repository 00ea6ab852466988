// Plan = truth: what a plan says is what fit reserves and uses, for every model, batch size, optimizer and budget.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/mapped_memory.h"
#include "tests/small_models.h"
#include "training/memory/process_bytes.h"

namespace batchwise {
namespace {

struct Tally {
  int runs = 0, ragged = 0;
  std::set<int64_t> arenas;
};

void expect_adds_up(const Plan& plan) {
  EXPECT_EQ(plan.peak_bytes, plan.bytes.total());
  EXPECT_LE(plan.peak_bytes, plan.budget_bytes);
  EXPECT_GE(plan.peak_bytes + kProcessDrift + MiB(1), plan.smallest_budget);
  EXPECT_GT(plan.arena_bytes, 0);
  for (int c = 0; c < kByteClasses; ++c) EXPECT_GE(plan.bytes.of[c], 0) << name_of(static_cast<ByteClass>(c));
  for (const PlannedMoment& moment : plan.moments) EXPECT_LE(moment.live.total(), plan.peak_bytes) << moment.label;
}

// One run: the plan made before, the plan that fit followed, and the memory that the process mapped meanwhile.
void expect_truth(const SmallModel& subject, const Dataset& data, int64_t batch_size, int lanes, int64_t memory,
                  Tally& tally) {
  Model model = subject.make();
  Plan before;
  FitOptions options;
  options.batch_size = batch_size;
  options.lanes = lanes;
  options.memory = memory;
  options.verbose = 0;
  History history;
  try {
    before = model.plan({.batch_size = batch_size, .memory = memory, .lanes = lanes, .data = &data});
    MappedMemory::begin();
    history = model.fit(data, options);
  } catch (const BudgetError& refused) {  // the process grew since the budget was asked for
    options.memory = memory = refused.smallest_budget;
    before = model.plan({.batch_size = batch_size, .memory = memory, .lanes = lanes, .data = &data});
    MappedMemory::begin();
    history = model.fit(data, options);
  }
  const std::vector<int64_t> mapped = MappedMemory::end();
  const Plan& plan = history.plan;
  expect_adds_up(before);
  expect_adds_up(plan);
  if (before.lanes == plan.lanes && before.gradient_sums == plan.gradient_sums &&
      before.recomputed == plan.recomputed) {
    EXPECT_EQ(before.arena_bytes, plan.arena_bytes);
    for (int c = 0; c < kByteClasses; ++c) {
      const ByteClass byte_class = static_cast<ByteClass>(c);
      EXPECT_TRUE(byte_class == ByteClass::Library || before.bytes[byte_class] == plan.bytes[byte_class])
          << name_of(byte_class);
    }
  } else {
    EXPECT_LT(memory, GiB(1)) << "in roomy memory both plans are the same";
  }
  const int64_t arena = (plan.arena_bytes + 4095) / 4096 * 4096;
  EXPECT_TRUE(std::find(mapped.begin(), mapped.end(), arena) != mapped.end())
      << "nothing of " << arena << " bytes was mapped";
  EXPECT_EQ(plan.arena_bytes, plan.peak_bytes - plan.bytes[ByteClass::Library] - data.source().resident_bytes());
  ++tally.runs;
  tally.ragged += data.size() % batch_size != 0;
  tally.arenas.insert(plan.arena_bytes);
}

void plan_is_truth(const SmallModel& made, const std::vector<int64_t>& batch_sizes) {
  Tally tally;
  SmallModel subject = made;
  for (const char* optimizer : {"SGD", "Adam", "Ftrl"}) {
    subject.settings.optimizer = optimizer;
    for (int64_t batch_size : batch_sizes) {
      const Dataset data = subject.data(batch_size + batch_size / 3 + 1);
      for (int lanes : {1, 3}) {
        SCOPED_TRACE(subject.name + ", " + optimizer + ", batch size " + std::to_string(batch_size) + ", " +
                     std::to_string(lanes) + " lanes");
        const OneMeasure measure(subject.make(), data.source().resident_bytes(), 0);
        const Plan roomy =
            subject.make().plan({.batch_size = batch_size, .memory = GiB(4), .lanes = lanes, .data = &data});
        const int64_t smallest = roomy.smallest_budget - kProcessDrift;  // for this process
        expect_truth(subject, data, batch_size, lanes, GiB(4), tally);
        expect_truth(subject, data, batch_size, lanes, (roomy.peak_bytes + smallest) / 2, tally);
        expect_truth(subject, data, batch_size, lanes, smallest, tally);
      }
    }
  }
  EXPECT_EQ(tally.runs, static_cast<int>(3 * batch_sizes.size() * 2 * 3));
  EXPECT_GT(tally.ragged, 0);
  testing::Test::RecordProperty("runs", tally.runs);
  testing::Test::RecordProperty("different_arenas", static_cast<int>(tally.arenas.size()));
}

const std::vector<int64_t> kBatchSizes = {1, 2, 7, 32, 100, 512, 2048, 8192};

TEST(PlanTruth, OfAnMlp) { plan_is_truth(small_mlp(), kBatchSizes); }
TEST(PlanTruth, OfACnnWithDropout) { plan_is_truth(small_cnn_dropout(), kBatchSizes); }
TEST(PlanTruth, OfACnnWithExactBatchStatistics) { plan_is_truth(small_cnn_exact(), kBatchSizes); }
TEST(PlanTruth, OfACnnWithGhostBatchStatistics) { plan_is_truth(small_cnn_ghost(), kBatchSizes); }
TEST(PlanTruth, OfADeepResidualNetwork) { plan_is_truth(small_residual(), {1, 7, 32, 100}); }
TEST(PlanTruth, OfAGraph) { plan_is_truth(small_graph(), kBatchSizes); }
TEST(PlanTruth, WithFrozenLayers) { plan_is_truth(small_frozen(), kBatchSizes); }
TEST(PlanTruth, WithPenalties) { plan_is_truth(small_penalised(), kBatchSizes); }
TEST(PlanTruth, WithALossThatSpansTheBatch) { plan_is_truth(small_coupled(), kBatchSizes); }

TEST(PlanTruth, InMixedBfloat16) {
  for (const SmallModel& subject : {small_mlp(), small_cnn_exact()})
    plan_is_truth(in_bfloat16(subject), {1, 7, 100, 2048});
}

TEST(PlanTruth, HoldsWithValidationAndStreamedData) {
  for (const SmallModel& subject : {small_mlp(), small_cnn_exact()}) {
    Model model = subject.make();
    FitOptions options;
    options.batch_size = 48;
    options.verbose = 0;
    options.lanes = 2;
    options.validation_data = streamed(subject.data(70));
    MappedMemory::begin();
    const History history = model.fit(streamed(subject.data(200)), options);
    const std::vector<int64_t> mapped = MappedMemory::end();
    EXPECT_TRUE(std::find(mapped.begin(), mapped.end(), (history.plan.arena_bytes + 4095) / 4096 * 4096) !=
                mapped.end());
    expect_adds_up(history.plan);
  }
}

TEST(PlanTruth, ABudgetBelowTheSmallestIsRefusedBeforeTheFirstStepWithOneThatIsEnough) {
  for (const SmallModel& subject : {small_mlp(), small_cnn_exact(), small_graph()})
    for (int64_t batch_size : {4, 300}) {
      Model model = subject.make();
      const std::vector<Array> weights = model.get_weights();
      const Dataset data = subject.data(500);
      FitOptions options;
      options.batch_size = batch_size;
      options.verbose = 0;
      options.memory = 1000;
      int64_t smallest = 0;
      try {
        model.fit(data, options);
        ADD_FAILURE() << "1000 bytes were enough";
      } catch (const BudgetError& refused) {
        smallest = refused.smallest_budget;
        const std::string message = refused.what();
        EXPECT_NE(message.find(byte_size_option(smallest)), std::string::npos) << message;
        EXPECT_NE(message.find("--grain"), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos);
        EXPECT_EQ(refused.budget_bytes, 1000);
      }
      for (size_t v = 0; v < weights.size(); ++v)
        EXPECT_TRUE(std::ranges::equal(weights[v].values<float>(), model.get_weights()[v].values<float>()));
      EXPECT_EQ(model.optimizer_state().iterations, 0);
      options.memory = parse_byte_size(byte_size_option(smallest));
      EXPECT_LE(model.fit(data, options).plan.peak_bytes, options.memory);
    }
}

}  // namespace
}  // namespace batchwise
