// Facts of what is computed again: each choice of the row keeps less than the one before, and little work saves much.
#include "plan/recompute.h"

#include <gtest/gtest.h>

#include "plan/chain_test.h"
#include "plan/lifetimes.h"

namespace batchwise {
namespace {

int64_t kept_bytes(const Outline& outline, const std::vector<Recompute>& choice) {
  return place_buffers(outline, make_timetable(outline, choice), true).kept_bytes;
}

double share_of_work(const Outline& outline, const std::vector<Recompute>& choice) {
  const Timetable timetable = make_timetable(outline, choice);
  return timetable.repeated_work / timetable.work;
}

TEST(Recompute, TheRowBeginsWithAllKeptAndGoesToLessAndLess) {
  const Outline outline = normalised_chain(16);
  const std::vector<RecomputeChoice> row = recompute_row(outline);
  EXPECT_EQ(row.front().of_all, keep_all(outline));
  ASSERT_GT(row.size(), 8u);
  for (size_t i = 1; i < row.size(); ++i) {
    EXPECT_LE(row[i].kept, row[i - 1].kept + row[0].kept / 20) << i;  // the fullest phase may wait for others
    EXPECT_GE(share_of_work(outline, row[i].of_all), share_of_work(outline, row[i - 1].of_all)) << i;
  }
  EXPECT_LT(row.back().kept, row.front().kept / 3);
}

TEST(Recompute, TheBytesOfARowAreThoseThatArePlacedOrALittleLess) {
  const Outline outline = normalised_chain(12);
  for (const RecomputeChoice& choice : recompute_row(outline)) {
    EXPECT_LE(choice.kept, kept_bytes(outline, choice.of_all));
    EXPECT_GE(choice.kept, kept_bytes(outline, choice.of_all) * 3 / 4);
  }
}

// Normalised and rectified values cost a thousandth of a convolution here: they go first, for next to nothing.
TEST(Recompute, WhatIsCheapForItsBytesGoesFirst) {
  const Outline outline = normalised_chain(16);
  const std::vector<RecomputeChoice> row = recompute_row(outline);
  int64_t least = row[0].kept;
  for (const RecomputeChoice& choice : row)
    if (share_of_work(outline, choice.of_all) < 0.002) least = std::min(least, choice.kept);
  EXPECT_LT(least, row[0].kept * 7 / 10);
}

TEST(Recompute, OnceComputesNothingMoreThanOnce) {
  const Outline outline = normalised_chain(8);
  const Timetable timetable = make_timetable(outline, same_for_all(outline, Recompute::Once));
  std::vector<int> again(outline.ops.size(), 0);
  for (const Phase& phase : timetable.phases)
    for (const Task& task : phase.tasks)
      if (task.kind == TaskKind::Forward && task.again) ++again[static_cast<size_t>(task.op)];
  for (int times : again) EXPECT_LE(times, 1);
  EXPECT_LE(timetable.repeated_work, timetable.work / 3);
}

TEST(Recompute, AnInputIsReadAgainWhenThatCostsLessThanComputing) {
  for (const double work : {1.0, 1e12}) {
    Outline outline = normalised_chain(16);
    outline.values[0].fetch_work = work;
    const std::vector<RecomputeChoice> row = recompute_row(outline);
    size_t first = 0;
    while (first < row.size() && row[first].of_all[choice_of_input(outline, 0)] == Recompute::Never) ++first;
    if (work < 1e6) EXPECT_LT(first, row.size() / 2);
    else EXPECT_GT(first, row.size() / 2);
    EXPECT_EQ(drop_order(outline).back(), static_cast<int>(choice_of_input(outline, 0)));
  }
}

TEST(Recompute, DropOrderListsEveryOpOnceAndCheapOnesFirst) {
  const Outline outline = normalised_chain(5);
  const std::vector<int> order = drop_order(outline);
  ASSERT_EQ(order.size(), 15u);
  std::vector<char> seen(outline.ops.size(), 0);
  for (int op : order) EXPECT_FALSE(seen[static_cast<size_t>(op)]++);
  for (size_t i = 0; i < 10; ++i) EXPECT_NE(outline.ops[static_cast<size_t>(order[i])].kind, "conv");
}

}  // namespace
}  // namespace batchwise
