// The console's text against what Keras writes, to the byte.
#include "report/console.h"

#include <cmath>
#include <sstream>

#include <gtest/gtest.h>

#include "report/idle_run.h"
#include "report/progress_text.h"

namespace batchwise {
namespace {

std::string bar(int filled) {
  std::string text;
  if (filled > 0) text += "\x1b[32m";
  for (int i = 0; i < filled; ++i) text += "━";
  if (filled > 0) text += "\x1b[0m";
  text += "\x1b[37m";
  for (int i = filled; i < 20; ++i) text += "━";
  return text + "\x1b[0m";
}

struct ConsoleTest : testing::Test {
  std::shared_ptr<Callback> console(int verbose, bool terminal) {
    return make_console(verbose, out, terminal, [this] { return now; });
  }
  std::string taken() {
    std::string text = out.str();
    out.str("");
    return text;
  }

  double now = 1000;
  std::ostringstream out;
  IdleRun run;
  Logs logs{{"accuracy", 0.5}, {"loss", 0.00012345}};
};

TEST_F(ConsoleTest, BarIsKerass) {
  auto bars = console(1, true);
  run.at.steps = 40;
  bars->on_train_begin({.epochs = 2, .steps = 40}, run);
  bars->on_epoch_begin(0, run);
  EXPECT_EQ(taken(), "Epoch 1/2\n");
  now += 2;
  bars->on_train_batch_end(0, logs, run);
  EXPECT_EQ(taken(),
            "\r\x1b[1m 1/40\x1b[0m " + bar(0) + " \x1b[1m1:18\x1b[0m 2s/step - accuracy: 0.5000 - loss: 1.2345e-04");
  now += 0.01;
  bars->on_train_batch_end(1, logs, run);
  EXPECT_EQ(taken(), "") << "drawn more often than every 0.05 s";
  now += 0.05;
  bars->on_train_batch_end(2, logs, run);
  const std::string back(77, '\b');
  EXPECT_EQ(taken(), back + "\r\x1b[1m 3/40\x1b[0m " + bar(1) +
                         " \x1b[1m1s\x1b[0m 30ms/step - accuracy: 0.5000 - loss: 1.2345e-04");
  now += 3;
  Logs end{{"loss", 1234.5}};
  bars->on_epoch_end(0, end, run);
  EXPECT_EQ(taken(), back + "\r\x1b[1m40/40\x1b[0m " + bar(20) + " \x1b[1m5s\x1b[0m 78ms/step - loss: 1234.5000" +
                         std::string(77 - 57, ' ') + "\n");
}

TEST_F(ConsoleTest, StepsAreThoseOfTheBatchSizeAsItIsNow) {
  run.at.steps = 12;
  auto lines = console(2, false);
  lines->on_train_begin({.epochs = 1, .steps = 12}, run);
  lines->on_epoch_begin(0, run);
  for (int step = 0; step < 9; ++step) {
    now += 0.01;
    lines->on_train_batch_end(step, logs, run);
    if (step == 5) lines->on_batch_size({.batch_size = 64, .steps = 9}, 32, "");
  }
  lines->on_epoch_end(0, logs, run);
  EXPECT_EQ(taken(), "9/9 - 0s - 10ms/step - accuracy: 0.5000 - loss: 1.2345e-04\n");
}

TEST_F(ConsoleTest, AnUnknownNumberOfStepsIsCountedUp) {
  auto bars = console(1, true);
  run.at.steps = 0;
  bars->on_train_begin({.epochs = 1, .steps = 0}, run);
  bars->on_epoch_begin(0, run);
  now += 0.5;
  bars->on_train_batch_end(0, {}, run);
  EXPECT_EQ(taken(), "\r      1/Unknown \x1b[1m0s\x1b[0m 500ms/step");
  Logs end{{"loss", -2}};
  bars->on_epoch_end(0, end, run);
  EXPECT_EQ(taken(), std::string(29, '\b') + "\r\x1b[1m1/1\x1b[0m " + bar(20) +
                         " \x1b[1m0s\x1b[0m 500ms/step - loss: -2.0000\n");
}

TEST_F(ConsoleTest, ElsewhereThanOnATerminalThereIsALinePerEpoch) {
  for (int verbose : {1, 2}) {
    auto lines = console(verbose, verbose == 2);
    run.at.steps = 12;
    lines->on_train_begin({.epochs = 3, .steps = 12}, run);
    lines->on_epoch_begin(1, run);
    for (int step = 0; step < 12; ++step) {
      now += 0.005;
      lines->on_train_batch_end(step, logs, run);
    }
    lines->on_epoch_end(1, logs, run);
    EXPECT_EQ(taken(), "Epoch 2/3\n12/12 - 0s - 5ms/step - accuracy: 0.5000 - loss: 1.2345e-04\n") << verbose;
  }
}

TEST_F(ConsoleTest, TheNoiseScaleComesAfterKerassPartWhenItIsKnown) {
  auto lines = console(2, false);
  run.at.steps = 1;
  lines->on_train_begin({.epochs = 1, .steps = 1}, run);
  lines->on_epoch_begin(0, run);
  lines->on_train_batch_end(0, logs, run);
  run.noise = NoiseScale{.value = 812.4, .low = 700, .high = 959.7};
  lines->on_epoch_end(0, logs, run);
  EXPECT_EQ(taken(), "1/1 - 0s - 0s/step - accuracy: 0.5000 - loss: 1.2345e-04 - noise scale: 812 (700-960)\n");
}

TEST_F(ConsoleTest, SilentMeansMessagesOnly) {
  auto silent = console(0, true);
  run.at.steps = 12;
  silent->on_train_begin({.epochs = 3, .steps = 12}, run);
  silent->on_epoch_begin(0, run);
  silent->on_train_batch_end(0, logs, run);
  silent->on_message("a warning");
  silent->on_epoch_end(0, logs, run);
  EXPECT_EQ(taken(), "a warning\n");
}

TEST_F(ConsoleTest, AMessageGoesBelowTheBar) {
  auto bars = console(1, true);
  run.at.steps = 2;
  bars->on_train_begin({.epochs = 1, .steps = 2}, run);
  bars->on_epoch_begin(0, run);
  now += 1;
  bars->on_train_batch_end(0, {}, run);
  taken();
  bars->on_message("Epoch 1: early stopping");
  EXPECT_EQ(taken(), "\nEpoch 1: early stopping\n");
  now += 1;
  bars->on_train_batch_end(1, {}, run);
  EXPECT_EQ(taken(), "\r\x1b[1m2/2\x1b[0m " + bar(20) + " \x1b[1m0s\x1b[0m 1s/step");
}

TEST_F(ConsoleTest, ValidationWithinFitShowsNothingOfItsOwn) {
  auto bars = console(1, true);
  run.at.steps = 1;
  bars->on_train_begin({.epochs = 1, .steps = 1}, run);
  bars->on_epoch_begin(0, run);
  bars->on_test_begin({.steps = 5});
  bars->on_test_batch_end(0, logs);
  bars->on_test_end(logs);
  EXPECT_EQ(taken(), "");
}

TEST_F(ConsoleTest, EvaluationHasABarOfItsOwn) {
  auto lines = console(1, false);
  lines->on_test_begin({.epochs = 1, .steps = 5});
  now += 5;
  lines->on_test_batch_end(4, logs);
  lines->on_test_end(logs);
  EXPECT_EQ(taken(), "5/5 - 5s - 5s/step - accuracy: 0.5000 - loss: 1.2345e-04\n");
}

TEST_F(ConsoleTest, AnEpochThatWasResumedInTheMiddleIsTimedFromThere) {
  auto bars = console(1, true);
  run.at.steps = 100;
  bars->on_train_begin({.epochs = 1, .steps = 100}, run);
  now += 1;
  bars->on_train_batch_end(90, {}, run);
  now += 1;
  bars->on_train_batch_end(91, {}, run);
  const std::string text = taken();
  EXPECT_NE(text.find("\x1b[1m 92/100\x1b[0m"), std::string::npos) << text;
  EXPECT_NE(text.find("\x1b[1m8s\x1b[0m 1s/step"), std::string::npos) << text;
}

TEST(ProgressText, ValuesAreShownAsKerasShowsThem) {
  EXPECT_EQ(value_text(0), "0.0000e+00");
  EXPECT_EQ(value_text(0.001), "1.0000e-03");
  EXPECT_EQ(value_text(0.00101), "0.0010");
  EXPECT_EQ(value_text(-0.5), "-0.5000");
  EXPECT_EQ(value_text(-0.0005), "-5.0000e-04");
  EXPECT_EQ(value_text(std::nan("")), "nan");
  EXPECT_EQ(value_text(-INFINITY), "-inf");
}

TEST(ProgressText, ANoiseScaleIsShownWithTheDigitsThatCount) {
  EXPECT_EQ(noise_scale_text({.value = 12345, .low = 9876.5, .high = 123456}), "12300 (9880-123000)");
  EXPECT_EQ(noise_scale_text({.value = 1.234, .low = 0.5, .high = INFINITY}), "1.2 (0.5-inf)");
}

TEST(ProgressText, TimesAreShownAsKerasShowsThem) {
  EXPECT_EQ(step_time_text(0), "0s/step");
  EXPECT_EQ(step_time_text(1.4), "1s/step");
  EXPECT_EQ(step_time_text(0.0314), "31ms/step");
  EXPECT_EQ(step_time_text(0.0000314), "31us/step");
  EXPECT_EQ(remaining_text(59.9), "59s");
  EXPECT_EQ(remaining_text(60), "60s");
  EXPECT_EQ(remaining_text(125), "2:05");
  EXPECT_EQ(remaining_text(3725), "1:02:05");
  EXPECT_EQ(elapsed_text(59.9), "60s");
}

TEST_F(ConsoleTest, ABarThatIsCutOffEndsItsLine) {
  auto bars = console(1, true);
  bars->on_train_begin({.epochs = 1, .steps = 40}, run);
  bars->on_epoch_begin(0, run);
  now += 2;
  bars->on_train_batch_end(0, logs, run);
  taken();
  bars.reset();
  EXPECT_EQ(taken(), "\n");
}

}  // namespace
}  // namespace batchwise
