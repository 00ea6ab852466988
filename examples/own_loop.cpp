// A training loop of one's own: batches of any size add up to one update, weighted by true sample counts.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main() {
  constexpr int64_t kSamples = 1000;
  bw::Array x(bw::DType::Float32, {kSamples, 2});
  bw::Array y(bw::DType::Float32, {kSamples, 1});
  for (int64_t n = 0; n < kSamples; ++n) {
    const float a = static_cast<float>(n % 37) / 37, b = static_cast<float>(n % 11) / 11;
    x.data<float>()[2 * n] = a;
    x.data<float>()[2 * n + 1] = b;
    y.data<float>()[n] = 2 * a - 3 * b + 1;
  }
  const bw::Dataset data(x, y);

  bw::Model model = bw::Sequential({bw::Input({2}), bw::Dense({.units = 1})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.05f}), .loss = "mse", .metrics = {"mae"}});
  bw::Trainer trainer(model, {.batch_size = 32});
  bw::Logs logs;
  for (int epoch = 0; epoch < 60; ++epoch) {
    for (const bw::Batch& batch : data.batch(32)) {
      logs = trainer.accumulate(batch);
      if (trainer.samples() >= 256) trainer.apply();  // one weight update
    }
    if (trainer.samples() > 0) trainer.apply();  // the last update of an epoch has fewer samples, and says so
  }
  const double error = *bw::find_log(logs, "mae");
  std::cout << "mean absolute error of the last batch " << error << '\n';
  return error < 0.05 ? 0 : 1;
}
