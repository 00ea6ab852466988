// Data that is not an array: a class of one's own, a coroutine, stages, a loader, and training on all of them.
#include <batchwise/batchwise.h>

#include <cmath>
#include <iostream>

namespace bw = batchwise;

// A class with size() and get(i), as in PyTorch. Called from several threads at once.
struct Waves {
  int64_t size() const { return 2000; }
  std::pair<bw::Array, int64_t> get(int64_t i) const {
    bw::Array x(bw::DType::Float32, {16});
    const int64_t label = i % 3;
    for (int64_t k = 0; k < 16; ++k)
      x.data<float>()[k] = std::sin(0.3f * static_cast<float>(k * (label + 1)) + 0.01f * static_cast<float>(i));
    return {x, label};
  }
};

// Noise that depends on the sample and the pass alone, whichever thread adds it.
bw::Element with_noise(const bw::Element& sample, const bw::Address& address) {
  bw::Array x = sample[0].clone();
  for (int64_t k = 0; k < x.count(); ++k) x.data<float>()[k] += 0.001f * static_cast<float>((address.key() >> k) % 64);
  return {x, sample[1]};
}

// A coroutine that yields batches of any size.
bw::Generator<bw::Batch> batches_as_they_come() {
  const bw::Dataset all = bw::from_samples(Waves{});
  for (int64_t first = 0, rows = 1; first < all.size(); first += rows, rows = 1 + (rows * 7) % 50) {
    rows = std::min(rows, all.size() - first);
    co_yield all.read(first, rows);
  }
}

bw::Model classifier() {
  bw::Model model =
      bw::Sequential({bw::Input({16}), bw::Dense({.units = 32, .activation = "relu"}), bw::Dense({.units = 3})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 1e-2f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  return model;
}

int main() {
  // Samples by number: fit shuffles all of them exactly, and each lane reads its own.
  bw::Dataset waves = bw::from_samples(Waves{});
  bw::Dataset train = waves.take(1600).map(with_noise, {.seed = 7}), test = waves.skip(1600);
  bw::Model model = classifier();
  model.fit(train, {.batch_size = 256, .epochs = 3, .validation_data = test, .verbose = 2});

  // Samples one after another: tf.data's stages, workers chosen while it runs.
  bw::Dataset stream =
      waves.shuffle(500).map(with_noise, {.num_parallel_calls = bw::kAutotune, .seed = 7}).batch(32).prefetch();
  model.fit(stream, {.batch_size = 256, .epochs = 2, .verbose = 2});

  // A generator's batches of any size are cut into training batches.
  model.fit(bw::from_range(batches_as_they_come), {.batch_size = 256, .epochs = 2, .verbose = 2});

  // A loader in PyTorch's words, for a loop of one's own.
  bw::DataLoader loader(Waves{}, {.batch_size = 64, .shuffle = true, .num_workers = 2});
  int64_t samples = 0;
  for (const bw::Batch& batch : loader) samples += batch.rows();
  std::cout << samples << " samples in " << loader.size() << " batches\n";

  // Windows over a series.
  bw::Array series(bw::DType::Float32, {100});
  for (int64_t i = 0; i < 100; ++i) series.data<float>()[i] = std::sin(0.2f * static_cast<float>(i));
  bw::Dataset windows = bw::timeseries_dataset_from_array(series, series.slice(10, 90), 10, {.batch_size = 16});
  std::cout << windows.cardinality() << " batches of windows\n";
}
