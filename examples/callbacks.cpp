// Callbacks: the ones that come with batchwise, and one of one's own that is kept in checkpoints.
#include <batchwise/batchwise.h>

#include <filesystem>
#include <iostream>

namespace bw = batchwise;

namespace {

// Raises the learning rate to `rate` over the first updates, and goes on with that after a resume.
class WarmUp : public bw::Callback {
 public:
  WarmUp(double rate, int64_t updates) : rate_(rate), updates_(updates) {}

  void on_train_begin(const bw::RunFacts& facts, bw::RunControl& run) override {
    bw::require(!facts.has_schedule, "WarmUp", "the optimizer must have a rate, not a schedule. Got ", facts.optimizer,
                " with one.");
    if (done_ < updates_) run.set_learning_rate(rate_ * static_cast<double>(done_ + 1) / static_cast<double>(updates_));
  }
  void on_train_batch_end(int64_t /*step*/, const bw::Logs& /*logs*/, bw::RunControl& run) override {
    if (done_ == updates_) return;
    ++done_;
    if (done_ < updates_) run.set_learning_rate(rate_ * static_cast<double>(done_ + 1) / static_cast<double>(updates_));
    else run.message("warmed up after " + std::to_string(run.progress().samples) + " samples");
  }
  std::string state() const override { return std::to_string(done_); }
  void restore(const std::string& state) override { done_ = std::stoll(state); }
  std::string name() const override { return "WarmUp"; }

 private:
  double rate_;
  int64_t updates_, done_ = 0;
};

bw::Dataset points(int64_t samples) {
  bw::Array x(bw::DType::Float32, {samples, 2});
  bw::Array y(bw::DType::Float32, {samples, 1});
  for (int64_t n = 0; n < samples; ++n) {
    const float a = static_cast<float>(n % 37) / 37, b = static_cast<float>(n % 11) / 11;
    x.data<float>()[2 * n] = a;
    x.data<float>()[2 * n + 1] = b;
    y.data<float>()[n] = a * b;
  }
  return {x, y};
}

}  // namespace

int main() {
  const std::string folder = (std::filesystem::temp_directory_path() / "batchwise_callbacks").string();
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  bw::Model model =
      bw::Sequential({bw::Input({2}), bw::Dense({.units = 16, .activation = "tanh"}), bw::Dense({.units = 1})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.02f}), .loss = "mse", .metrics = {"mae"}});

  auto stop = std::make_shared<bw::EarlyStopping>(
      bw::EarlyStoppingOptions{.monitor = "val_loss", .patience = 5, .restore_best_weights = true});
  auto best = std::make_shared<bw::ModelCheckpoint>(bw::ModelCheckpointOptions{
      .filepath = folder + "/best.keras", .monitor = "val_mae", .save_best_only = true, .mode = "min"});
  auto slower = std::make_shared<bw::ReduceLROnPlateau>(bw::ReduceLROnPlateauOptions{.factor = 0.5, .patience = 2});
  auto rows = std::make_shared<bw::CSVLogger>(bw::CSVLoggerOptions{.filename = folder + "/log.csv"});

  bw::FitOptions options{.batch_size = 32, .epochs = 200, .validation_split = 0.2, .verbose = 0};
  options.callbacks = {std::make_shared<WarmUp>(0.02, 50), stop, best, slower, rows};
  options.checkpoint = {.directory = folder + "/state", .resume = true};  // of callbacks, too
  bw::History history = model.fit(points(800), options);

  auto halved = std::make_shared<bw::LearningRateScheduler>(
      [](int64_t epoch, double rate) { return epoch > 0 && epoch % 10 == 0 ? rate / 2 : rate; });
  auto tell = std::make_shared<bw::LambdaCallback>();
  tell->epoch_end = [](int64_t epoch, bw::Logs& logs, bw::RunControl& run) {
    logs.emplace_back("samples", static_cast<double>(run.progress().samples));
    if (epoch == 14) run.stop();
  };
  bw::History again = bw::Model::load(folder + "/best.keras")
                          .fit(points(800), {.epochs = 20, .callbacks = {halved, tell}, .verbose = 0});

  std::cout << "the best of " << history.epoch.size() << " epochs was " << stop->best_epoch() + 1 << ", val_mae "
            << best->best() << "; then " << again.epoch.size() << " more, " << again["samples"].back()
            << " samples, the last at a rate of " << again["learning_rate"].back() << '\n';
  return best->best() < 0.05 && again.epoch.size() == 15 ? 0 : 1;
}
