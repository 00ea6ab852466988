// A generator that yields batches, and fit with a batch size: which of the two decides? Every pair is trained; the
// generator's batches change nothing, the batch size of fit does.
#include <batchwise/batchwise.h>

#include <cmath>
#include <iostream>

namespace bw = batchwise;

constexpr int64_t kSamples = 4000;

bw::Batch waves(int64_t first, int64_t rows) {
  bw::Array x(bw::DType::Float32, {rows, 16}), y(bw::DType::Int64, {rows});
  for (int64_t i = 0; i < rows; ++i) {
    y.data<int64_t>()[i] = (first + i) * 7 % 3;
    for (int64_t k = 0; k < 16; ++k)
      x.data<float>()[i * 16 + k] = std::sin(0.3f * static_cast<float>(k * (y.data<int64_t>()[i] + 1)) +
                                             0.37f * static_cast<float>((first + i) % 101)) +
                                    2 * std::sin(static_cast<float>((first + i) * 31 % 997 + k * k));
  }
  return {{x}, {y}, {}};
}

bw::Generator<bw::Batch> in_batches(int64_t size) {
  for (int64_t first = 0; first < kSamples; first += size) co_yield waves(first, std::min(size, kSamples - first));
}

int main() {
  bw::Model model =
      bw::Sequential({bw::Input({16}), bw::Dense({.units = 32, .activation = "relu"}), bw::Dense({.units = 3})});
  model.compile({.optimizer = bw::SGD({.learning_rate = 0.01f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  bw::SweepOptions options;
  options.batch_sizes = {16, 64, 256};
  options.seeds = {0, 1, 2};
  options.fit.epochs = 6;
  options.fit.verbose = 0;
  options.fit.validation_data = bw::Dataset(waves(kSamples, 500).x[0], waves(kSamples, 500).y[0]);
  std::vector<bw::SweepResult> results;
  for (int64_t yielded : {10, 100, 1000})
    results.push_back(bw::sweep(model, bw::from_range([yielded] { return in_batches(yielded); }), options));
  for (size_t c = 0; c < results[0].cells.size(); ++c)
    for (const bw::SweepResult& other : results)
      if (other.cells[c].weights_sha256 != results[0].cells[c].weights_sha256) {
        std::cout << other.cells[c].name << " hangs on how many samples the generator yields at a time\n";
        return 1;
      }
  std::cout << "Batches of 10, 100 and 1000 from the generator: the same weights, bit for bit.\n" << results[0];
}
