// Column sums and the mask of a ReLU.
#include "kernels/product/columns.h"

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

TEST(FinishGradient, MasksByTheOutputsAndSumsWhatIsLeft) {
  for (const int64_t rows : {1, 3, 64, 65, 200})
    for (const int64_t columns : {1, 3, 15, 16, 17, 64, 100})
      for (const bool mask : {false, true}) {
        SCOPED_TRACE(std::to_string(rows) + " x " + std::to_string(columns));
        const std::vector<float> before = trial::random_values(rows * columns, 1);
        std::vector<float> outputs = trial::random_values(rows * columns, 2), gradient = before;
        for (float& output : outputs) output = std::max(output, 0.0f);
        std::vector<float> sums(static_cast<size_t>(columns), NAN), expected(static_cast<size_t>(columns), 0.0f);
        finish_gradient(gradient.data(), mask ? outputs.data() : nullptr, rows, columns, sums.data());
        for (size_t i = 0; i < gradient.size(); ++i) {
          ASSERT_EQ(gradient[i], mask && outputs[i] == 0 ? 0 : before[i]) << i;
          expected[i % expected.size()] += gradient[i];
        }
        trial::expect_close(expected, sums, 1e-6, "sum");
        std::vector<float> alone(static_cast<size_t>(columns), NAN);
        sum_columns(gradient.data(), rows, columns, alone.data());
        EXPECT_EQ(alone, sums);
      }
}

TEST(FinishGradient, LosesLittleOfLongSums) {
  const std::vector<float> tenths(1 << 20, 0.1f);
  float sum = 0;
  sum_columns(tenths.data(), 1 << 20, 1, &sum);
  EXPECT_NEAR(sum, 0.1f * static_cast<double>(1 << 20), 10);
}

}  // namespace
}  // namespace batchwise
