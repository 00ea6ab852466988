// Facts of the choice between one lane and several for a batch of one grain.
#include "training/lanes/alone_or_together.h"

#include <gtest/gtest.h>

namespace batchwise {
namespace {

// Seconds of `time` in which lanes worked together; a step takes so long in each way.
double together_of(AloneOrTogether& choice, double time, double alone, double together) {
  double seconds = 0, shared = 0;
  while (seconds < time) {
    const double step = choice.together() ? together : alone;
    if (choice.together()) shared += step;
    seconds += step;
    choice.took(step);
  }
  return shared / seconds;
}

TEST(AloneOrTogether, LanesShareWhereThatIsFasterAndOneTrialTellsIt) {
  AloneOrTogether choice;
  EXPECT_TRUE(choice.together());
  EXPECT_GT(together_of(choice, 10, 1e-4, 6e-5), 0.99);
  EXPECT_EQ(together_of(choice, 100, 1e-4, 6e-5), 1.0) << "nothing is tried while nothing changes";
}

TEST(AloneOrTogether, OneLaneWorksWhereANeighbourHasACoreFromTheBeginning) {
  AloneOrTogether choice;
  EXPECT_LT(together_of(choice, 10, 1e-4, 3e-4), 0.06);
}

TEST(AloneOrTogether, ANeighbourThatComesAndGoesIsNoticed) {
  AloneOrTogether choice;
  together_of(choice, 1, 1e-4, 6e-5);
  EXPECT_LT(together_of(choice, 5, 1e-4, 3e-4), 0.06);
  together_of(choice, 1.1, 1e-4, 6e-5);
  EXPECT_TRUE(choice.together());
  EXPECT_EQ(together_of(choice, 5, 1e-4, 6e-5), 1.0);
}

TEST(AloneOrTogether, ASlowerMachineCostsOneTrial) {
  AloneOrTogether choice;
  together_of(choice, 1, 1e-4, 6e-5);
  EXPECT_GT(together_of(choice, 10, 3e-4, 2e-4), 0.99);
}

}  // namespace
}  // namespace batchwise
