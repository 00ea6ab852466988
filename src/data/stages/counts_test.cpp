// Facts of very large numbers of elements: they saturate or are refused, and the elements there are stay right.
#include <limits>

#include <gtest/gtest.h>

#include <batchwise/dataset.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();

std::vector<int64_t> first_of(const Dataset& data, int count) {
  std::vector<int64_t> all;
  const auto stream = data.stage()->open(0);
  for (Element element; count > 0 && stream->next(element); --count) all.push_back(element[0].values<int64_t>()[0]);
  return all;
}

TEST(Counts, ARangeUpToTheLargestNumberIsCountedAndRead) {
  EXPECT_EQ(Dataset::range(kMost).cardinality(), kMost);
  EXPECT_EQ(Dataset::range(kLeast, kMost, kMost).cardinality(), 3);
  EXPECT_EQ(first_of(Dataset::range(kLeast, kMost, kMost), 9), (std::vector<int64_t>{kLeast, -1, kMost - 1}));
  EXPECT_EQ(first_of(Dataset::range(kMost, kLeast, kLeast), 9), (std::vector<int64_t>{kMost, -1}));
  EXPECT_EQ(Dataset::range(kMost - 1, kMost, kMost).cardinality(), 1);
  EXPECT_EQ(Dataset::range(5, kLeast, 1).cardinality(), 0);
  EXPECT_THROW(Dataset::range(kLeast, kMost), Error);
}

TEST(Counts, WhatDoesNotFitCountsAsEndless) {
  const Dataset most = Dataset::range(kMost);
  EXPECT_EQ(most.repeat(2).cardinality(), kInfinite);
  EXPECT_EQ(Dataset::range(3).repeat(kMost / 2).cardinality(), kInfinite);
  EXPECT_EQ(Dataset::range(1).repeat(kMost).cardinality(), kMost);
  EXPECT_EQ(most.concatenate(Dataset::range(1)).cardinality(), kInfinite);
  EXPECT_FALSE(most.concatenate(Dataset::range(1)).has_rows());
  EXPECT_EQ(most.repeat(2).take(kMost).skip(kMost - 2).cardinality(), 2);
  EXPECT_EQ(first_of(Dataset::range(3).repeat(kMost / 2), 5), (std::vector<int64_t>{0, 1, 2, 0, 1}));
  EXPECT_EQ(first_of(Dataset::range(3).repeat(kMost / 2).shard(2, 1), 3), (std::vector<int64_t>{1, 0, 2}));
}

TEST(Counts, TakeSkipAndShardOfTheLargestDataKeepTheirElements) {
  const Dataset most = Dataset::range(kMost);
  EXPECT_EQ(first_of(most.skip(kMost - 1), 3), (std::vector<int64_t>{kMost - 1}));
  EXPECT_EQ(most.take(kMost).cardinality(), kMost);
  EXPECT_EQ(first_of(most.shard(kMost, kMost - 1), 3), (std::vector<int64_t>{kMost - 1}));
  EXPECT_EQ(most.shard(2, 0).cardinality(), kMost / 2 + 1);
  EXPECT_EQ(Dataset::range(10).shard(kMost, 3).cardinality(), 1);
}

TEST(Counts, ABatchOrWindowOfTheLargestSizeIsAllThereIs) {
  const Dataset ten = Dataset::range(10);
  EXPECT_EQ(ten.batch(kMost).cardinality(), 1);
  EXPECT_EQ(ten.batch(kMost).stage()->resident_bytes(), 2 * 10 * 8);
  EXPECT_EQ(ten.batch(kMost).begin()->rows(), 10);
  EXPECT_EQ(ten.window(kMost).cardinality(), 1);
  EXPECT_EQ(ten.window(kMost).list()[0].cardinality(), 10);
  EXPECT_EQ(ten.window(kMost, {.stride = kMost}).list()[0].cardinality(), 1);
  EXPECT_EQ(ten.window(3, {.shift = kMost}).cardinality(), 1);
}

TEST(Counts, BytesOfTheLargestBuffersNeverFallBelowZero) {
  const Dataset ten = Dataset::range(10), endless = ten.repeat(), most = Dataset::range(kMost);
  EXPECT_EQ(ten.shuffle(kMost).stage()->resident_bytes(), 10 * 8);
  EXPECT_EQ(endless.shuffle(3).stage()->resident_bytes() - endless.stage()->resident_bytes(), 3 * 8);
  const BucketOptions buckets{.bucket_boundaries = {4}, .bucket_batch_sizes = {kMost, kMost}};
  const auto length = [](const Element&) { return int64_t{1}; };
  for (const Dataset& data : {ten, endless, most})
    for (const Dataset& held : {data.shuffle(kMost), data.batch(kMost), data.padded_batch(kMost),
                                data.ragged_batch(kMost), data.sparse_batch(kMost, {}),
                                data.bucket_by_sequence_length(length, buckets), data.batch(2).rebatch({kMost})}) {
      EXPECT_GE(held.stage()->resident_bytes(), 80);
      if (data.cardinality() != 10) EXPECT_GE(held.batch(2).stage()->resident_bytes(), int64_t{1} << 34);
    }
}

}  // namespace
}  // namespace batchwise
