// TensorBoard files: Keras's folders, tags and steps.
#include "report/tensorboard.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "formats/tfevents/tfevents.h"
#include "report/idle_run.h"

namespace batchwise {
namespace {

std::vector<std::string> scalars_in(const std::string& folder) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    for (const TfScalar& scalar : read_tfevents(entry.path()))
      lines.push_back(scalar.tag + " " + std::to_string(scalar.step) + " " + std::to_string(scalar.value));
  return lines;
}

TEST(TensorBoard, ValidationGoesToItsOwnFolderUnderTheSameTag) {
  const std::string folder = testing::TempDir() + "tensorboard_test";
  std::filesystem::remove_all(folder);
  {
    auto board = make_tensorboard(folder);
    EXPECT_FALSE(std::filesystem::exists(folder));
    IdleRun run;
    Logs first{{"accuracy", 0.5}, {"loss", 2}, {"val_loss", 3}}, second{{"loss", 1}};
    board->on_epoch_end(0, first, run);
    run.noise = NoiseScale{.value = 64};
    board->on_epoch_end(1, second, run);
  }
  EXPECT_EQ(
      scalars_in(folder + "/train"),
      (std::vector<std::string>{"epoch_accuracy 0 0.500000", "epoch_loss 0 2.000000", "epoch_learning_rate 0 0.250000",
                                "epoch_loss 1 1.000000", "epoch_learning_rate 1 0.250000", "noise_scale 1 64.000000"}));
  EXPECT_EQ(scalars_in(folder + "/validation"), (std::vector<std::string>{"epoch_loss 0 3.000000"}));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace batchwise
