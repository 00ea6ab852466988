// The plan's table and picture: golden text, and that nothing is hidden.
#include "plan/explanation.h"

#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/byte_size.h>

namespace batchwise {
namespace {

Plan small_plan() {
  Plan plan;
  plan.batch_size = 4096;
  plan.grain = 16;
  plan.grains = 256;
  plan.blocks = 8;
  plan.gradient_sums = 3;
  plan.lanes = 2;
  plan.budget_bytes = MiB(64);
  plan.smallest_budget = MiB(21) + 5;
  plan.instruction_set = "avx2";
  plan.bytes[ByteClass::Weights] = MiB(4);
  plan.bytes[ByteClass::Gradients] = MiB(8);
  plan.bytes[ByteClass::Optimizer] = MiB(8);
  plan.bytes[ByteClass::Activations] = MiB(12);
  plan.bytes[ByteClass::Library] = MiB(16);
  plan.peak_bytes = plan.bytes.total();
  plan.recomputed = {"bn_1", "bn_2"};
  plan.recompute_share = 0.07;
  plan.reasons = {"grain 16: it fills a core's cache"};
  plan.buffers = {{"dense output", ByteClass::Activations, 0, MiB(2), 0, 3, 2},
                  {"flatten output", ByteClass::Activations, MiB(2), MiB(1), 0, 1, 2},
                  {"dense gradient", ByteClass::Gradients, 0, MiB(3), 2, 3, 1}};
  for (int i = 0; i < 4; ++i) {
    PlannedMoment moment{i < 2 ? "forward dense_" + std::to_string(i) : "backward dense_" + std::to_string(3 - i),
                         plan.bytes};
    moment.live[ByteClass::Activations] = MiB(i == 2 ? 12 : 2 + i);
    plan.moments.push_back(moment);
  }
  return plan;
}

TEST(ByteCounts, TotalAddsEveryClass) {
  ByteCounts bytes;
  int64_t expected = 0;
  for (int c = 0; c < kByteClasses; ++c) {
    bytes.of[c] = int64_t{1} << (c * 5);
    expected += bytes.of[c];
    EXPECT_EQ(bytes.total(), expected) << name_of(static_cast<ByteClass>(c));
  }
}

TEST(Explanation, ClassesHaveTheNamesOfTheContract) {
  std::string names;
  for (int c = 0; c < kByteClasses; ++c) names += std::string(name_of(static_cast<ByteClass>(c))) + " ";
  EXPECT_EQ(names, "weights gradients optimizer activations scratch pipeline library ");
}

TEST(Explanation, TableSaysWhereEveryByteIsAndWhatHoldsThePeak) {
  EXPECT_EQ(plan_table(small_plan()),
            "batch size 4,096 = 256 grains of 16 in 8 blocks, 3 gradient sums, 2 lanes, 1 stage, avx2\n"
            "  weights          4.00 MiB    8.3 %\n"
            "  gradients        8.00 MiB   16.7 %\n"
            "  optimizer        8.00 MiB   16.7 %\n"
            "  activations      12.0 MiB   25.0 %\n"
            "  scratch               0 B    0.0 %\n"
            "  pipeline              0 B    0.0 %\n"
            "  library          16.0 MiB   33.3 %\n"
            "  peak             48.0 MiB  100.0 %\n"
            "Most is held at: backward dense_1\n"
            "      4.00 MiB  dense output (2 of 2.00 MiB)\n"
            "      3.00 MiB  dense gradient\n"
            "Computed again on the way back (7 % more work): bn_1, bn_2\n"
            "Why: grain 16: it fills a core's cache\n"
            "Budget 64.0 MiB: 16.0 MiB to spare. The smallest that fits is 22M, with the same results.\n");
}

TEST(Explanation, TableSaysHowMuchMoreWouldBeFastest) {
  Plan plan = small_plan();
  EXPECT_EQ(plan_table(plan).find("would be fastest"), std::string::npos);
  plan.roomy_budget = MiB(80);
  EXPECT_NE(plan_table(plan).find("With 16.0 MiB more (--memory 80M) a step would be fastest"), std::string::npos);
}

TEST(Explanation, TableNamesTheSmallestBudgetWhenThePlanDoesNotFit) {
  Plan plan = small_plan();
  plan.budget_bytes = MiB(10);
  EXPECT_NE(plan_table(plan).find("does not fit. The smallest that fits is 22M"), std::string::npos);
}

TEST(Explanation, PictureDrawsEveryClassInProportion) {
  const std::string picture = plan_picture(small_plan(), 53);
  EXPECT_EQ(picture,
            "  48.0 MiB ┤                     aaaaaaaaaa\n"
            "           │                     aaaaaaaaaa\n"
            "           │           aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n"
            "           │ gggggggggggggggggggggggggggggggggggggggg\n"
            "           │ gggggggggggggggggggggggggggggggggggggggg\n"
            "           │ oooooooooooooooooooooooooooooooooooooooo\n"
            "  24.0 MiB ┤ oooooooooooooooooooooooooooooooooooooooo\n"
            "           │ wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\n"
            "           │ llllllllllllllllllllllllllllllllllllllll\n"
            "           │ llllllllllllllllllllllllllllllllllllllll\n"
            "           │ llllllllllllllllllllllllllllllllllllllll\n"
            "           │ llllllllllllllllllllllllllllllllllllllll\n"
            "           └─────────────────────────────────────────\n"
            "             forward dense_0         backward dense_0\n"
            "             w weights  g gradients  o optimizer  a activations  s scratch  p pipeline  l library\n");
}

TEST(Explanation, PictureNeverLosesThePeakBetweenColumns) {
  Plan plan;
  for (int i = 0; i < 1000; ++i) {
    PlannedMoment moment{"step", {}};
    moment.live[ByteClass::Weights] = i == 617 ? MiB(100) : MiB(1);
    plan.moments.push_back(moment);
  }
  const std::string picture = plan_picture(plan, 60);
  EXPECT_EQ(picture.substr(0, picture.find('\n')).find("100.0 MiB"), 1u);
  EXPECT_NE(picture.substr(0, picture.find('\n')).find('w'), std::string::npos);
}

TEST(Explanation, StreamsAsTableAndPicture) {
  std::ostringstream out;
  out << small_plan();
  EXPECT_EQ(out.str(), plan_table(small_plan()) + plan_picture(small_plan(), 72));
}

}  // namespace
}  // namespace batchwise
