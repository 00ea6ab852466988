// What is the best of a curve, and of which curves there is none.
#include "report/html/progress_axis.h"

#include <gtest/gtest.h>

#include <limits>

namespace batchwise {
namespace {

std::vector<EpochReading> epochs_of(const std::string& log, const std::vector<double>& values) {
  std::vector<EpochReading> epochs;
  for (double value : values) {
    EpochReading epoch;
    epoch.epoch = static_cast<int64_t>(epochs.size()) + 1;
    epoch.logs = {{log, value}};
    epochs.push_back(std::move(epoch));
  }
  return epochs;
}

TEST(BestOf, IsTheLargestOfAMetricAndTheSmallestOfALoss) {
  EXPECT_EQ(best_of(epochs_of("val_binary_io_u", {0.2, 0.9, 0.5}), "val_binary_io_u")->epoch, 2);
  EXPECT_EQ(best_of(epochs_of("val_loss", {0.2, 0.9, 0.1}), "val_loss")->epoch, 3);
}

TEST(BestOf, IsNotSaidWhereTheNameDoesNotTellWhichWayIsBetter) {
  const auto epochs = epochs_of("score", {0.2, 0.9, 0.5});
  EXPECT_FALSE(best_of(epochs, "score"));
  EXPECT_TRUE(is_measured(epochs, "score"));
  EXPECT_FALSE(is_measured(epochs, "loss"));
  EXPECT_FALSE(is_measured(epochs_of("score", {std::numeric_limits<double>::quiet_NaN()}), "score"));
}

}  // namespace
}  // namespace batchwise
