// Nothing is allocated on the training path after the first step: every way to get memory is counted, on every thread.
#include <gtest/gtest.h>

#include "tests/counted_memory.h"
#include "tests/small_models.h"
#include "training/memory/process_bytes.h"
#include "training/session/session.h"

namespace batchwise {
namespace {

#ifdef BATCHWISE_COUNTS_MEMORY

struct Trial {
  int64_t batch_size = 32;
  int lanes = 1;
  bool tight = false;       // the smallest budget: sums by grain, recomputation
  std::string allocations;  // of the steps after the first
  Plan plan;
};

Trial steps_of(const SmallModel& subject, Trial run) {
  const int64_t samples = 3 * run.batch_size + run.batch_size / 3 + 1;
  Model model = subject.make();
  const Dataset data = subject.data(samples);
  SessionRequest request;
  request.training = true;
  request.batch_size = run.batch_size;
  request.grain = subject.name.find("ghost") == std::string::npos ? 2 : 4;
  request.lanes = run.lanes;
  request.budget = GiB(4);
  request.data = data;
  std::unique_ptr<Blueprint> blueprint;
  const OneMeasure measure(model, data.source().resident_bytes(), 0);
  for (int attempt = 0; !blueprint; ++attempt) try {
      if (run.tight) {
        request.budget = GiB(4);
        request.budget = Blueprint(model, request).plan().smallest_budget - kProcessDrift + attempt * KiB(64);
      }
      blueprint = std::make_unique<Blueprint>(model, request);
    } catch (const BudgetError&) {  // the process has grown in between
      if (attempt == 30) throw;
    }
  run.plan = blueprint->plan();
  Session session(model, std::move(blueprint), 3, false);
  const Order order(samples, Shuffle::Yes, 3, run.batch_size);
  const auto step = [&](int64_t first) {
    BatchRange range{&data, &order, 0, first, std::min(run.batch_size, samples - first), static_cast<uint64_t>(first)};
    session.step(range, nullptr);
  };
  step(0);
  {
    const CountedMemory counted;
    for (int64_t first = run.batch_size; first < samples; first += run.batch_size) step(first);
    run.allocations = counted.text();
  }
  return run;
}

void expect_none(const SmallModel& subject) {
  for (int lanes : {1, 2})
    for (bool tight : {false, true}) {
      const Trial run = steps_of(subject, {32, lanes, tight, {}, {}});
      EXPECT_EQ(run.allocations, "") << subject.name << ", " << lanes << " lanes" << (tight ? ", smallest budget" : "");
    }
}

TEST(NoAllocation, IsSeenWhenThereIsOne) {
  const CountedMemory counted;
  std::vector<int>* one = new std::vector<int>(100);
  delete one;
  EXPECT_NE(counted.text(), "");
}

TEST(NoAllocation, InStepsOfAnMlp) { expect_none(small_mlp()); }
TEST(NoAllocation, InStepsOfACnnWithDropout) { expect_none(small_cnn_dropout()); }
TEST(NoAllocation, InStepsOfACnnWithGhostBatchStatistics) { expect_none(small_cnn_ghost()); }
TEST(NoAllocation, InStepsOfAGraph) { expect_none(small_graph()); }
TEST(NoAllocation, InStepsWithFrozenLayers) { expect_none(small_frozen()); }
TEST(NoAllocation, InStepsWithPenalties) { expect_none(small_penalised()); }
TEST(NoAllocation, InStepsOfACnnWithExactBatchStatistics) { expect_none(small_cnn_exact()); }

TEST(NoAllocation, InStepsWhoseLossSpansTheBatch) { expect_none(small_coupled()); }

TEST(NoAllocation, InStepsThatRecompute) {
  const Trial run = steps_of(small_cnn_exact(), {64, 1, true, {}, {}});
  EXPECT_FALSE(run.plan.recomputed.empty());
  EXPECT_EQ(run.allocations, "");
}

TEST(NoAllocation, InStepsOfEveryOptimizer) {
  SmallModel subject = small_mlp();
  for (const std::string& optimizer : Registry<Optimizer>::instance().names()) {
    subject.settings.optimizer = optimizer;
    subject.name = optimizer;
    expect_none(subject);
  }
}

TEST(NoAllocation, InStepsWhoseLossIsDividedByTheSumOfTheWeights) {
  SmallModel subject = small_mlp();
  subject.settings.loss = SparseCategoricalCrossentropy({.reduction = "mean_with_sample_weight"});
  expect_none(subject);
}

// Counts from the end of one batch to the end of the next, as the callback sees them.
class BetweenBatches final : public Callback {
 public:
  void on_train_batch_end(int64_t step, const Logs&, RunControl&) override {
    if (step > 1 && !counted_.text().empty() && found_.empty())
      found_ = "step " + std::to_string(step) + ": " + counted_.text();
    counted_.begin();
  }
  void on_epoch_end(int64_t, Logs&, RunControl&) override { counted_.begin(); }
  const std::string& found() const { return found_; }

 private:
  CountedMemory counted_;
  std::string found_;
};

TEST(NoAllocation, BetweenTheBatchesOfFit) {
  for (const SmallModel& subject :
       {small_mlp(), small_cnn_dropout(), small_cnn_exact(), small_graph(), in_bfloat16(small_cnn_exact())})
    for (bool read : {false, true}) {
      Model model = subject.make();
      const Dataset held = subject.data(200);
      const auto counting = std::make_shared<BetweenBatches>();
      FitOptions options;
      options.batch_size = 16;
      options.epochs = 2;
      options.lanes = 2;
      options.verbose = 0;
      options.callbacks = {counting};
      model.fit(read ? streamed(held) : held, options);
      EXPECT_EQ(counting->found(), "") << subject.name;
    }
}

#endif

}  // namespace
}  // namespace batchwise
