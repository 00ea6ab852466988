// Reorders between layouts of channels.
#include "kernels/reorder.h"

#include <batchwise/error.h>

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

TEST(ReorderKernel, PutsEveryChannelIntoItsBlockAndZerosIntoTheRest) {
  for (const int64_t channels : {1, 3, 8, 16, 20, 37})
    for (const int from_block : {0, 8, 16})
      for (const int to_block : {0, 8, 16}) {
        SCOPED_TRACE(std::to_string(channels) + " channels, " + std::to_string(from_block) + " to " +
                     std::to_string(to_block));
        const TensorType from{{3, 2, channels}, DType::Float32, from_block},
            to{{3, 2, channels}, DType::Float32, to_block};
        const auto at = [&](const TensorType& type, int64_t n, int64_t position, int64_t c) {
          const int64_t block = type.channel_block ? type.channel_block : channels;
          return n * type.stored_count() + (c / block * 6 + position) * block + c % block;
        };
        std::vector<float> input(2 * from.stored_count(), 0.0f), output(2 * to.stored_count(), 0.0f);
        for (int64_t n = 0; n < 2; ++n)
          for (int64_t p = 0; p < 6; ++p)
            for (int64_t c = 0; c < channels; ++c)
              input[at(from, n, p, c)] = output[at(to, n, p, c)] = static_cast<float>((n * 6 + p) * 100 + c + 1);
        const auto kernel = make_reorder_kernel(from, to_block, 2);
        const trial::KernelRun run = trial::run_kernel(*kernel, 2, 2, {.input = input, .output_gradient = output});
        EXPECT_EQ(run.output, output);
        EXPECT_EQ(run.input_gradient, input);
      }
}

TEST(ReorderKernel, RefusesOtherBlocksAndTypes) {
  EXPECT_THROW(make_reorder_kernel({{4, 4, 3}}, 4, 1), Error);
  EXPECT_THROW(make_reorder_kernel({{4, 4, 3}, DType::UInt8}, 8, 1), Error);
}

}  // namespace
}  // namespace batchwise
