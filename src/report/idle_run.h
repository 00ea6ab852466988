// A RunControl for tests of reports: it takes everything and does nothing.
#pragma once

#include <string>
#include <vector>

#include <batchwise/callback.h>

namespace batchwise {

class IdleRun final : public RunControl {
 public:
  void stop() override {}
  double learning_rate() const override { return 0.25; }
  void set_learning_rate(double) override {}
  RunProgress progress() const override { return at; }
  std::optional<NoiseScale> noise_scale() const override { return noise; }
  void set_batch_size(int64_t, const std::string&) override {}
  void with_copy(const std::function<void(Model&)>&) override {}
  std::vector<std::vector<float>> get_weights() override { return {}; }
  void set_weights(const std::vector<std::vector<float>>&) override {}
  void save_model(const std::string&) override {}
  void save_weights(const std::string&) override {}
  void message(const std::string&) override {}

  RunProgress at;
  std::optional<NoiseScale> noise;
};

}  // namespace batchwise
