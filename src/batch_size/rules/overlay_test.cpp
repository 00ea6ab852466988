// With its rule a larger batch learns the same per sample: losses of MNIST lie over each other, without it far apart.
#include <gtest/gtest.h>

#include <cmath>

#include <batchwise/batchwise.h>

#include "batch_size/sweep/interval.h"

namespace batchwise {
namespace {

struct Case {
  Spec optimizer;
  std::vector<int64_t> batch_sizes;
};

// The loss of an epoch over the seeds of a batch size.
Interval loss_of(const SweepResult& result, int64_t batch_size, size_t epoch) {
  std::vector<double> losses;
  for (const SweepCell& cell : result.cells)
    if (cell.batch_size == batch_size) losses.push_back(*find_log(cell.epochs[epoch].logs, "loss"));
  return interval_of(losses);
}

TEST(Rules, LossesOfMnistLieOverEachOtherWithinTheNoiseOfSeeds) {
  const Dataset data = datasets::mnist(BATCHWISE_SOURCE_DIR "/tests/golden").train;
  Model model = Sequential({Input({28, 28, 1}), Rescaling({.scale = 1 / 255.0f}), Flatten(),
                            Dense({.units = 32, .activation = "relu"}), Dense({.units = 10})});
  // Adam's rule holds where noise rules over the gradient: on this task for small batches.
  for (const Case& each :
       {Case{SGD({.learning_rate = 0.02f}), {32, 128}}, Case{Adam({.learning_rate = 3e-4f}), {2, 8}}}) {
    model.compile({.optimizer = each.optimizer, .loss = SparseCategoricalCrossentropy({.from_logits = true})});
    SweepOptions options;
    options.batch_sizes = each.batch_sizes;
    options.seeds = {0, 1, 2};
    options.fit.epochs = 3;
    options.fit.verbose = 0;
    const SweepResult with = sweep(model, data, options);
    options.rule = "none";
    options.batch_sizes = {each.batch_sizes.back()};
    const SweepResult without = sweep(model, data, options);
    // The first epoch's mean holds the first few updates, which no two batch sizes share.
    for (size_t epoch = 1; epoch < 3; ++epoch) {
      const Interval small = loss_of(with, each.batch_sizes.front(), epoch),
                     large = loss_of(with, each.batch_sizes.back(), epoch),
                     unchanged = loss_of(without, each.batch_sizes.back(), epoch);
      const std::string where = each.optimizer.class_name + ", epoch " + std::to_string(epoch + 1);
      EXPECT_LT(large.mean, *small.high) << where;
      EXPECT_GT(large.mean, *small.low) << where;
      EXPECT_GT(unchanged.mean, *small.high + (*small.high - small.mean)) << where;
    }
  }
}

}  // namespace
}  // namespace batchwise
