// TensorBoard's event files of a run.
#include "report/tensorboard.h"

#include <string_view>

#include "formats/tfevents/tfevents.h"

namespace batchwise {
namespace {

constexpr std::string_view kValidation = "val_";

class TensorBoard final : public Callback {
 public:
  explicit TensorBoard(std::string directory) : directory_(std::move(directory)) {}

  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override {
    if (!train_) train_ = std::make_unique<TfEventsWriter>(directory_ + "/train");
    for (const auto& [name, value] : logs) {
      if (name.starts_with(kValidation)) {
        if (!validation_) validation_ = std::make_unique<TfEventsWriter>(directory_ + "/validation");
        validation_->scalar("epoch_" + name.substr(kValidation.size()), epoch, value);
      } else {
        train_->scalar("epoch_" + name, epoch, value);
      }
    }
    if (!find_log(logs, "learning_rate")) train_->scalar("epoch_learning_rate", epoch, run.learning_rate());
    if (const auto scale = run.noise_scale()) train_->scalar("noise_scale", epoch, scale->value);
  }
  std::string name() const override { return "TensorBoard"; }

 private:
  std::string directory_;
  std::unique_ptr<TfEventsWriter> train_, validation_;
};

}  // namespace

std::shared_ptr<Callback> make_tensorboard(const std::string& directory) {
  return std::make_shared<TensorBoard>(directory);
}

}  // namespace batchwise
