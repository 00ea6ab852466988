// Points of an epoch: few, means between them, and the same after a restore.
#include "report/step_curve.h"

#include <gtest/gtest.h>

#include <batchwise/error.h>

#include "report/events.h"

namespace batchwise {
namespace {

// Losses 1, 2, 3, ... of batches of 10 samples, after 50 samples of earlier epochs.
void add_steps(StepCurve& curve, int from, int to) {
  for (int step = from; step < to; ++step)
    curve.add({.updates = 5 + step + 1, .samples = 50 + 10 * (step + 1), .seconds = 0.5 * (step + 1)},
              (step + 2) / 2.0);
}

double loss_of(const Config& point) { return point.as_list()[3].as_number(); }

TEST(StepCurve, FewUpdatesAreAllShownWithTheirOwnLoss) {
  StepCurve curve;
  curve.begin(50);
  add_steps(curve, 0, 3);
  EXPECT_EQ(json_line(curve.points()), "[[6,60,0.5,1.0],[7,70,1.0,2.0],[8,80,1.5,3.0]]");
}

TEST(StepCurve, HoweverManyUpdatesThereAreAtMostAHundredPointsWithTheMeansBetweenThem) {
  for (int steps : {99, 100, 101, 199, 200, 201, 1000, 12345}) {
    StepCurve curve;
    curve.begin(50);
    add_steps(curve, 0, steps);
    const Config::List points = curve.points().as_list();
    ASSERT_LE(points.size(), 100u) << steps;
    ASSERT_GE(points.size(), 50u) << steps;
    int64_t before = 5;
    for (const Config& point : points) {
      const int64_t at = point.as_list()[0].as_int();
      const double first = static_cast<double>(before - 5 + 1), last = static_cast<double>(at - 5);
      EXPECT_NEAR(loss_of(point), (first + last) / 2, 1e-6 * last) << steps << " " << at;
      before = at;
    }
    EXPECT_EQ(before, 5 + steps);
  }
}

TEST(StepCurve, GoesOnAfterARestoreAsIfNothingHadHappened) {
  for (int stopped : {0, 1, 99, 100, 101, 250, 499}) {
    StepCurve whole, before, after;
    whole.begin(50);
    before.begin(50);
    add_steps(whole, 0, 500);
    add_steps(before, 0, stopped);
    after.restore(before.state());
    EXPECT_EQ(after.state(), before.state());
    add_steps(after, stopped, 500);
    EXPECT_EQ(after.points().text(), whole.points().text()) << stopped;
  }
}

TEST(StepCurve, BatchesOfDifferentSizesAreWeighedBySamples) {
  StepCurve curve;
  curve.begin(0);
  curve.add({.updates = 1, .samples = 10}, 4);
  curve.add({.updates = 2, .samples = 40}, 1);
  EXPECT_DOUBLE_EQ(loss_of(curve.points().as_list()[1]), 0);
}

TEST(StepCurve, ADamagedStateIsRefused) {
  StepCurve curve;
  curve.begin(0);
  Config state = curve.state();
  state.set("apart", 0);
  EXPECT_THROW(curve.restore(state), Error);
  state = curve.state();
  state.set("points", Config::List(100, Config(Config::List{1, 1, 1.0, 1.0})));
  EXPECT_THROW(curve.restore(state), Error);
  state.set("points", Config::List{Config(Config::List{1})});
  EXPECT_THROW(curve.restore(state), Error);
  EXPECT_THROW(curve.restore(Config(Config::Object{})), Error);
}

}  // namespace
}  // namespace batchwise
