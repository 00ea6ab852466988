// Facts of the sample stream: every row once per pass, addressed, batches kept together when asked for.
#include "data/order.h"

#include <set>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Order, EveryPassVisitsEveryRowOnce) {
  for (const Shuffle shuffle : {Shuffle::No, Shuffle::Yes, Shuffle::WithinBatches})
    for (const int64_t rows : {1, 2, 37, 1000}) {
      const Order order(rows, shuffle, 7, 32);
      for (uint64_t pass = 0; pass < 3; ++pass) {
        std::set<int64_t> seen;
        for (int64_t i = 0; i < rows; ++i) seen.insert(order.row(pass, i));
        EXPECT_EQ(static_cast<int64_t>(seen.size()), rows);
        EXPECT_EQ(*seen.begin(), 0);
        EXPECT_EQ(*seen.rbegin(), rows - 1);
      }
    }
}

TEST(Order, WithoutShufflingIsTheStorageOrder) {
  const Order order(100, Shuffle::No, 3, 32);
  for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(order.row(5, i), i);
}

TEST(Order, SeedsAndPassesGiveOtherOrders) {
  const Order a(1000, Shuffle::Yes, 1, 32), b(1000, Shuffle::Yes, 2, 32);
  int same_seed = 0, same_pass = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    same_seed += a.row(0, i) == b.row(0, i);
    same_pass += a.row(0, i) == a.row(1, i);
  }
  EXPECT_LT(same_seed, 20);
  EXPECT_LT(same_pass, 20);
}

TEST(Order, ShufflingDoesNotDependOnTheBatchSize) {
  const Order a(500, Shuffle::Yes, 9, 1), b(500, Shuffle::Yes, 9, 128);
  for (int64_t i = 0; i < 500; ++i) EXPECT_EQ(a.row(2, i), b.row(2, i));
}

TEST(Order, WithinBatchesKeepsEveryBatchsMembers) {
  const Order order(70, Shuffle::WithinBatches, 4, 32);
  int moved = 0;
  for (int64_t i = 0; i < 70; ++i) {
    EXPECT_EQ(order.row(1, i) / 32, i / 32);
    moved += order.row(1, i) != i;
  }
  EXPECT_GT(moved, 40);
}

TEST(Order, RefusesEmptyData) { EXPECT_THROW(Order(0, Shuffle::Yes, 0, 32), Error); }

}  // namespace
}  // namespace batchwise
