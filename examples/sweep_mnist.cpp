// Which batch size for MNIST? Three Dense models x 32, 128, 512, 2048 x SGD and Adam, with intervals over seeds.
// `example_sweep_mnist [FOLDER OF MNIST] [EPOCHS] [SEEDS]`
#include <batchwise/batchwise.h>

#include <cstdlib>
#include <iostream>

namespace bw = batchwise;

bw::Model dense(const std::vector<int64_t>& units) {
  std::vector<bw::LayerRef> layers{bw::Input({28, 28, 1}), bw::Rescaling({.scale = 1 / 255.0f}), bw::Flatten()};
  for (int64_t count : units) layers.push_back(bw::Dense({.units = count, .activation = "relu"}));
  layers.push_back(bw::Dense({.units = 10}));
  bw::Model model = bw::Sequential(layers);
  model.compile({.loss = bw::SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
  return model;
}

int main(int argc, char** argv) {
  const auto [train, test] = bw::datasets::mnist(argc > 1 ? argv[1] : "");
  bw::SweepOptions options;
  options.batch_sizes = {32, 128, 512, 2048};
  // Meant for batch size 32; the larger ones follow the rule of each optimizer.
  options.optimizers = {bw::SGD({.learning_rate = 0.05f}), bw::Adam({.learning_rate = 1e-3f})};
  options.fit.epochs = argc > 2 ? std::atoi(argv[2]) : 10;
  options.fit.validation_data = test;
  options.fit.verbose = 0;
  options.seeds.clear();
  for (int seed = 0; seed < (argc > 3 ? std::atoi(argv[3]) : 3); ++seed) options.seeds.push_back(seed);
  for (const std::vector<int64_t>& units : {std::vector<int64_t>{32}, {128}, {256, 128, 64}}) {
    bw::Model model = dense(units);
    std::cout << "\n" << model.num_parameters() << " parameters\n" << bw::sweep(model, train, options) << std::flush;
  }
}
