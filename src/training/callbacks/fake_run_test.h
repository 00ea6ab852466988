// A run without a model, for tests of callbacks: remembers what it was told.
#pragma once

#include <string>
#include <vector>

#include <batchwise/callback.h>

namespace batchwise {

class FakeRun : public RunControl {
 public:
  void stop() override { stopped = true; }
  double learning_rate() const override { return rate; }
  void set_learning_rate(double value) override { rate = value; }
  RunProgress progress() const override { return at; }
  std::optional<NoiseScale> noise_scale() const override { return noise; }
  void set_batch_size(int64_t batch_size, const std::string&) override { at.batch_size = batch_size; }
  void with_copy(const std::function<void(Model&)>&) override {}
  std::vector<std::vector<float>> get_weights() override { return weights; }
  void set_weights(const std::vector<std::vector<float>>& values) override { weights = values; }
  void save_model(const std::string& path) override { saved.push_back(path); }
  void save_weights(const std::string& path) override { saved.push_back("weights " + path); }
  void message(const std::string& text) override { messages.push_back(text); }

  // Epochs from `first` on with the given values of `name`, until one stops the run; the weights are the epoch's
  // number. Gives the number of epochs run.
  int64_t epochs(Callback& callback, const std::string& name, const std::vector<double>& values, int64_t first = 0) {
    int64_t done = 0;
    for (const double value : values) {
      const int64_t epoch = first + done++;
      callback.on_epoch_begin(epoch, *this);
      weights = {{static_cast<float>(epoch)}};
      Logs logs = {{name, value}};
      callback.on_epoch_end(epoch, logs, *this);
      rates.push_back(rate);
      if (stopped) break;
    }
    return done;
  }

  bool stopped = false;
  double rate = 0.1;
  RunProgress at;
  std::optional<NoiseScale> noise;
  std::vector<double> rates;  // after every epoch
  std::vector<std::vector<float>> weights = {{-1.0f}};
  std::vector<std::string> saved, messages;
};

}  // namespace batchwise
