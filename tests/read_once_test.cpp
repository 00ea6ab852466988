// Samples that take work to read are read once in a step where there is memory to keep them, and the bits do not tell.
#include <atomic>
#include <cmath>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "saving/weights_hash.h"

namespace batchwise {
namespace {

constexpr int64_t kRows = 128, kSide = 40;

// Stands for a folder of images: rows are made when they are asked for, and counted.
class Decoded final : public Source {
 public:
  int64_t size() const override { return kRows; }
  const std::vector<Column>& columns() const override { return columns_; }
  bool decodes() const override { return true; }
  bool worth_holding() const override { return false; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    auto* to = static_cast<float*>(out);
    if (column == 0) decoded += static_cast<int64_t>(rows.size());
    const int64_t each = columns_[static_cast<size_t>(column)].shape.count();
    for (int64_t row : rows)
      for (int64_t i = 0; i < each; ++i) *to++ = std::sin(static_cast<float>(row * 31 + i));
  }
  mutable std::atomic<int64_t> decoded{0};

 private:
  std::vector<Column> columns_{{"x", Shape{kSide, kSide, 3}, DType::Float32}, {"y", Shape{1}, DType::Float32}};
};

Model normalised() {
  Model model = Sequential({Input({kSide, kSide, 3}), Conv2D({.filters = 16, .kernel_size = 3}), BatchNormalization({}),
                            ReLU(), Conv2D({.filters = 16, .kernel_size = 3}), BatchNormalization({}),
                            GlobalAveragePooling2D(), Dense({.units = 1})});
  model.initialize(1);
  model.compile({.optimizer = SGD({.learning_rate = 0.01f}), .loss = "mse"});
  return model;
}

FitOptions options(int64_t memory) {
  FitOptions options;
  options.batch_size = 64;
  options.epochs = 2;
  options.verbose = 0;
  options.lanes = 2;
  options.memory = memory;
  return options;
}

TEST(ReadOnce, SamplesThatAreDecodedAreReadOnceWhereThereIsRoomAndAgainWhereThereIsNot) {
  const auto roomy = std::make_shared<Decoded>(), tight = std::make_shared<Decoded>();
  Model at_ease = normalised(), pressed = normalised();
  const Dataset data(roomy, 1, 1);
  const History history = at_ease.fit(data, options(GiB(4)));
  EXPECT_EQ(roomy->decoded, 2 * kRows);
  EXPECT_EQ(history.plan.recompute_share, 0);

  PlanOptions asked{.batch_size = 64, .memory = GiB(4), .lanes = 2};
  asked.data = &data;
  const History less = pressed.fit(Dataset(tight, 1, 1), options(at_ease.plan(asked).smallest_budget));
  EXPECT_GT(tight->decoded, 2 * kRows);
  EXPECT_GT(less.plan.recompute_share, 0);
  EXPECT_EQ(weights_sha256(at_ease), weights_sha256(pressed));
}

}  // namespace
}  // namespace batchwise
