// Facts of timetables: stages end at batch statistics, and dropped tensors are computed again where they are needed.
#include "plan/timetable.h"

#include <utility>

#include <gtest/gtest.h>

#include "plan/chain_test.h"
#include "plan/lifetimes.h"

namespace batchwise {
namespace {

int count(const Timetable& timetable, TaskKind kind, bool again) {
  int n = 0;
  for (const Phase& phase : timetable.phases)
    for (const Task& task : phase.tasks) n += task.kind == kind && task.again == again;
  return n;
}

TEST(Timetable, ANetworkWithoutBatchStatisticsIsOnePhase) {
  Outline outline = normalised_chain(3);
  for (OutlineOp& op : outline.ops) op.statistics = {};
  const Timetable timetable = make_timetable(outline, keep_all(outline));
  ASSERT_EQ(timetable.phases.size(), 1u);
  EXPECT_EQ(place_buffers(outline, timetable, true).kept_bytes, 0);
  EXPECT_EQ(count(timetable, TaskKind::Forward, false), 9);
  EXPECT_EQ(count(timetable, TaskKind::Backward, false), 9);
}

// A mask beside the network, which the loss counts before any gradient is made.
TEST(Timetable, ALossThatCountsItsMaskFirstRunsNothingElseBeforeAndKeepsNothingElse) {
  Outline outline = normalised_chain(3);
  for (OutlineOp& op : outline.ops) op.statistics = {};
  const int mask = static_cast<int>(outline.values.size());
  OutlineOp maker;
  maker.name = maker.kind = "mask";
  maker.inputs = {0};
  maker.outputs = {mask};
  outline.values.push_back({"mask", 64, false, false, static_cast<int>(outline.ops.size())});
  OutlineOp loss = outline.ops.back();
  outline.ops.back() = maker;
  outline.values.back().producer = static_cast<int>(outline.ops.size()) - 1;
  loss.inputs.push_back(mask);
  loss.measured = {mask};
  loss.statistics = {.forward = 1, .forward_first = true};
  outline.ops.push_back(loss);
  const Timetable timetable = make_timetable(outline, keep_all(outline));
  ASSERT_EQ(timetable.phases.size(), 2u);
  ASSERT_EQ(timetable.phases[0].tasks.size(), 3u);  // fetch, mask, measure
  EXPECT_EQ(timetable.phases[0].combine_forward.size(), 1u);
  EXPECT_EQ(place_buffers(outline, timetable, true).kept_bytes, 64);
}

TEST(Timetable, EachBatchNormalisationAddsAPhaseForwardAndOneBack) {
  const Outline outline = normalised_chain(3);
  const Timetable timetable = make_timetable(outline, keep_all(outline));
  EXPECT_EQ(timetable.phases.size(), 7u);
  EXPECT_EQ(count(timetable, TaskKind::MeasureForward, false), 3);
  EXPECT_EQ(count(timetable, TaskKind::MeasureBackward, false), 3);
  EXPECT_EQ(count(timetable, TaskKind::Forward, true), 0);
}

TEST(Timetable, WhatIsDroppedIsComputedAgainAndNotKept) {
  const Outline outline = normalised_chain(3);
  std::vector<Recompute> dropped = keep_all(outline);
  for (size_t i = 0; i < outline.ops.size(); ++i)
    if (outline.ops[i].kind != "conv") dropped[i] = Recompute::Always;
  const Timetable kept = make_timetable(outline, keep_all(outline));
  const Timetable again = make_timetable(outline, dropped);
  EXPECT_GT(count(again, TaskKind::Forward, true), 0);
  EXPECT_LT(place_buffers(outline, again, true).kept_bytes, place_buffers(outline, kept, true).kept_bytes);
  for (size_t v = 0; v < outline.values.size(); ++v)
    if (outline.values[v].producer >= 0 &&
        dropped[static_cast<size_t>(outline.values[v].producer)] != Recompute::Never) {
      EXPECT_FALSE(again.kept_values[v][0]);
    }
}

TEST(Timetable, WithEverythingDroppedOnlyGradientsAreKept) {
  const Outline outline = normalised_chain(4);
  const Timetable timetable = make_timetable(outline, same_for_all(outline, Recompute::Always));
  for (const KeptSpans& kept : timetable.kept_values) EXPECT_FALSE(kept[0] || kept[1]);
  EXPECT_GT(timetable.repeated_work, timetable.work / 3);
}

int fetches(const Timetable& timetable) {
  int count = 0;
  for (const Phase& phase : timetable.phases)
    for (const Task& task : phase.tasks) count += task.kind == TaskKind::Fetch;
  return count;
}

TEST(Timetable, AnInputThatTakesWorkToReadIsKeptLikeWhatIsComputed) {
  Outline outline = normalised_chain(3);
  const double work = make_timetable(outline, keep_all(outline)).work;
  EXPECT_GT(fetches(make_timetable(outline, keep_all(outline))), 1);
  outline.values[0].fetch_work = 1e7;
  const Timetable kept = make_timetable(outline, keep_all(outline));
  EXPECT_EQ(fetches(kept), 1);
  EXPECT_TRUE(kept.kept_values[0][0]);
  EXPECT_EQ(kept.work, work + 1e7);
  EXPECT_EQ(kept.repeated_work, 0);

  std::vector<Recompute> again = keep_all(outline);
  again[choice_of_input(outline, 0)] = Recompute::Always;
  const Timetable anew = make_timetable(outline, again);
  EXPECT_FALSE(anew.kept_values[0][0] || anew.kept_values[0][1]);
  EXPECT_EQ(anew.repeated_work, (fetches(anew) - 1) * 1e7);
  EXPECT_LT(place_buffers(outline, anew, true).kept_bytes, place_buffers(outline, kept, true).kept_bytes);
}

TEST(Lifetimes, BuffersOfALaneNeverOverlapInAnyPhase) {
  const Outline outline = normalised_chain(4);
  for (int pattern = 0; pattern < 81; ++pattern) {
    std::vector<Recompute> dropped = keep_all(outline);
    for (size_t i = 0, digits = static_cast<size_t>(pattern); i < dropped.size(); ++i, digits /= 3)
      dropped[i] = static_cast<Recompute>((i % 4 == 0 ? digits = static_cast<size_t>(pattern) : digits) % 3);
    const Placements placements = place_buffers(outline, make_timetable(outline, dropped), true);
    for (const PhaseSpots& phase : placements.phases)
      for (size_t a = 0; a < phase.buffers.size(); ++a)
        for (size_t b = a + 1; b < phase.buffers.size(); ++b) {
          const PlannedBuffer &x = phase.buffers[a], &y = phase.buffers[b];
          const bool together = x.first_step <= y.last_step && y.first_step <= x.last_step;
          const bool share = x.offset < y.offset + y.bytes && y.offset < x.offset + x.bytes;
          EXPECT_FALSE(together && share) << x.name << " and " << y.name;
        }
  }
}

// input -> left, right -> add(first, second) -> loss. Values: 0 input, 1 left, 2 right, 3 the sum.
Outline sum_of_branches(int first, int second) {
  Outline outline;
  outline.training = true;
  outline.fetch_bytes = {0};
  outline.values.push_back({"input", 1024, true, false, -1});
  const auto op = [&](const std::string& name, std::vector<int> inputs, KernelNeeds needs) {
    OutlineOp made;
    made.name = made.kind = name;
    made.inputs = std::move(inputs);
    made.outputs = {static_cast<int>(outline.values.size())};
    made.needs = needs;
    if (name != "add") made.weights = {{static_cast<int>(outline.ops.size()), 512}};
    outline.values.push_back({name, 4096, false, true, static_cast<int>(outline.ops.size())});
    outline.ops.push_back(made);
  };
  op("left", {0}, {});
  op("right", {0}, {});
  op("add", {first, second}, {.backward_inputs = false, .in_place = true});
  OutlineOp loss;
  loss.name = "loss";
  loss.loss = true;
  loss.inputs = {3};
  loss.gradient_of = 3;
  outline.ops.push_back(loss);
  return outline;
}

// Whether the sum lies where its input `k` did, forward, and the gradient of that input where the sum's did, backward.
std::pair<bool, bool> shares(const Outline& outline, size_t k) {
  const Timetable timetable = make_timetable(outline, keep_all(outline));
  const Placements placements = place_buffers(outline, timetable, true);
  std::pair<bool, bool> found;
  for (size_t t = 0; t < timetable.phases[0].tasks.size(); ++t) {
    const Task& task = timetable.phases[0].tasks[t];
    const TaskSpots& spots = placements.phases[0].tasks[t];
    if (task.op != 2) continue;
    if (task.kind == TaskKind::Forward) found.first = spots.inputs[k].offset == spots.outputs[0].offset;
    if (task.kind == TaskKind::Backward)
      found.second = spots.input_gradients[k].offset == spots.output_gradients[0].offset;
  }
  return found;
}

TEST(Lifetimes, ASumLiesInTheMemoryOfItsFirstTermAlone) {
  EXPECT_EQ(shares(sum_of_branches(1, 2), 0), std::pair(true, true));
  EXPECT_EQ(shares(sum_of_branches(1, 2), 1), std::pair(false, false));
}

TEST(Lifetimes, ASumOfAValueWithItselfSharesNothing) {
  EXPECT_EQ(shares(sum_of_branches(1, 1), 0), std::pair(false, false));
}

TEST(Lifetimes, AFirstTermThatBackwardReadsIsNotOverwritten) {
  Outline outline = sum_of_branches(1, 2);
  outline.ops[0].needs.backward_outputs = true;
  EXPECT_FALSE(shares(outline, 0).first);
}

}  // namespace
}  // namespace batchwise
