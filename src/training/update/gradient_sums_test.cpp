// Facts of gradient sums: one order of additions, however many lanes and slots it is run with.
#include "training/update/gradient_sums.h"

#include <cstring>

#include <gtest/gtest.h>

#include "base/random.h"
#include "plan/memory.h"
#include "training/lanes/lanes.h"

namespace batchwise {
namespace {

constexpr int64_t kCount = 37;

std::vector<float> term(int64_t grain) {
  std::vector<float> values(kCount);
  for (int64_t i = 0; i < kCount; ++i)
    values[static_cast<size_t>(i)] =
        unit_float(philox(7, static_cast<uint64_t>(grain), static_cast<uint64_t>(i))[0]) * (i % 2 ? 1e6f : 1e-3f) -
        0.3f;
  return values;
}

// The definition: chains inside blocks, then a balanced tree over blocks.
std::vector<float> by_definition(int64_t grains, int64_t blocks) {
  std::vector<std::vector<float>> sums;
  for (int64_t b = 0; b < blocks; ++b) {
    std::vector<float> sum;
    for (int64_t g = b * grains / blocks; g < (b + 1) * grains / blocks; ++g) {
      const auto values = term(g);
      if (sum.empty()) sum = values;
      else
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += values[i];
    }
    sums.push_back(sum);
  }
  for (size_t stride = 1; stride < sums.size(); stride *= 2)
    for (size_t i = 0; i + stride < sums.size(); i += 2 * stride)
      for (size_t k = 0; k < sums[i].size(); ++k) sums[i][k] += sums[i + stride][k];
  return sums[0];
}

std::vector<float> run(int64_t grains, int64_t blocks, int lane_count, bool by_grain) {
  const GradientSums::Shape shape{{kCount}, 2};
  const int64_t slots = by_grain ? tight_sums(blocks) : blocks;
  std::vector<std::byte> memory(static_cast<size_t>(slots * GradientSums::Shape::bytes(shape)));
  GradientSums sums(shape, slots, by_grain, memory.data());
  sums.begin(grains, blocks);
  Lanes lanes(lane_count);
  std::atomic<int64_t> next{0};
  lanes.run([&](int) {
    for (int64_t unit = next++; unit < (by_grain ? grains : blocks); unit = next++)
      for (int64_t g = by_grain ? unit : unit * grains / blocks;
           g < (by_grain ? unit + 1 : (unit + 1) * grains / blocks); ++g) {
        const auto values = term(g);
        if (float* direct = sums.direct(0, g)) std::memcpy(direct, values.data(), kCount * 4);
        else sums.give(0, g, values.data());
        const double doubles[2] = {1.0, static_cast<double>(g)};
        sums.give_doubles(g, doubles);
      }
  });
  sums.finish(0, 0, kCount);
  sums.finish_doubles();
  EXPECT_EQ(sums.doubles(0)[0], static_cast<double>(grains));
  EXPECT_EQ(sums.doubles(0)[1], static_cast<double>(grains * (grains - 1) / 2));
  return {sums.slot(0, 0), sums.slot(0, 0) + kCount};
}

TEST(GradientSums, GiveTheSameBitsForAnyLanesAndSlots) {
  for (const auto& [grains, blocks] : std::vector<std::pair<int64_t, int64_t>>{
           {1, 1}, {2, 2}, {3, 3}, {5, 5}, {7, 7}, {8, 4}, {13, 6}, {64, 64}, {100, 7}, {9, 1}}) {
    const auto expected = by_definition(grains, blocks);
    for (int lanes : {1, 2, 3, 5})
      for (bool by_grain : {false, true}) {
        const auto got = run(grains, blocks, lanes, by_grain);
        EXPECT_EQ(std::memcmp(got.data(), expected.data(), kCount * 4), 0)
            << grains << " grains, " << blocks << " blocks, " << lanes << " lanes, by grain " << by_grain;
      }
  }
}

TEST(GradientSums, ALaneThatWaitsForAFailedOneIsWoken) {
  const GradientSums::Shape shape{{kCount}, 0};
  std::vector<std::byte> memory(static_cast<size_t>(4 * GradientSums::Shape::bytes(shape)));
  GradientSums sums(shape, 4, true, memory.data());
  sums.begin(4, 4);
  Lanes lanes(2);
  std::atomic<int> woken{0};
  lanes.run([&](int lane) {
    const auto values = term(lane);
    if (lane == 1) {
      try {
        sums.give(0, 1, values.data());
      } catch (const GradientSums::Abandoned&) { ++woken; }
    } else {
      sums.abandon();
    }
  });
  EXPECT_EQ(woken, 1);
}

TEST(Lanes, RethrowTheFirstErrorAndGoOnAfterwards) {
  Lanes lanes(3);
  EXPECT_THROW(lanes.run([](int lane) {
    if (lane == 2) throw std::runtime_error("two");
  }),
               std::runtime_error);
  std::atomic<int> ran{0};
  lanes.run([&](int) { ++ran; });
  EXPECT_EQ(ran, 3);
}

TEST(Lanes, MeetAtBarriersManyTimes) {
  Lanes lanes(4);
  std::vector<int> at(4, 0);
  std::atomic<bool> ahead{false};
  lanes.run([&](int lane) {
    for (int round = 1; round <= 2000; ++round) {
      at[static_cast<size_t>(lane)] = round;
      lanes.barrier().meet();
      for (int other : at)
        if (other != round) ahead = true;
      lanes.barrier().meet();
    }
  });
  EXPECT_FALSE(ahead);
}

// Seven grains in three blocks: 0 and 1, 2 and 3, 4 to 6. The third block completes the tree.
TEST(GradientSums, BytesOfAGrainAreThoseOfItsAdditions) {
  const GradientSums::Shape shape{{10}, 0};
  std::vector<std::byte> memory(static_cast<size_t>(3 * GradientSums::Shape::bytes(shape)));
  constexpr int64_t kCopied = 2 * 40, kAdded = 3 * 40;
  GradientSums by_block(shape, 3, false, memory.data());
  by_block.begin(7, 3);
  for (int64_t grain : {1, 3, 5, 6}) EXPECT_EQ(by_block.given_bytes(0, grain), kAdded) << grain;
  GradientSums by_grain(shape, tight_sums(3), true, memory.data());
  by_grain.begin(7, 3);
  const int64_t given[] = {kCopied, kAdded, kCopied, kAdded + kAdded, kCopied, kAdded, kAdded + kAdded};
  const int64_t closed[] = {0, 0, 0, kAdded, 0, 0, kAdded};
  for (int64_t grain = 0; grain < 7; ++grain) {
    EXPECT_EQ(by_grain.given_bytes(0, grain), given[grain]) << grain;
    EXPECT_EQ(by_grain.closed_bytes(0, grain), closed[grain]) << grain;
    EXPECT_EQ(by_block.closed_bytes(0, grain), 0) << grain;
  }
}

}  // namespace
}  // namespace batchwise
