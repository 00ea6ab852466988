// A batch size that is chosen by measurement, grows while training, and is answered when it does not fit.
#include <iostream>

#include <batchwise/batchwise.h>
namespace bw = batchwise;

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  auto [train, test] = bw::datasets::fashion_mnist();
  if (quick) train = train.take(2000);
  bw::Model model = bw::Sequential({bw::Input({28, 28, 1}), bw::Rescaling({.scale = 1 / 255.0f}), bw::Flatten(),
                                    bw::Dense({.units = 64, .activation = "relu"}), bw::Dense({.units = 10})});
  model.initialize(1);
  model.compile({.optimizer = bw::Adam({.learning_rate = 1e-3f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});

  // Which size, and which learning rate with it?
  bw::TuneResult found = bw::tune(model, train, {.batch_sizes = {32, 128, 512}, .samples = quick ? 30000 : 400000});
  std::cout << "batch size " << found.advice.batch_size << ", learning rate " << found.advice.learning_rate << "\n";
  for (const std::string& reason : found.advice.reasons) std::cout << "  - " << reason << "\n";

  bw::FitOptions options{.batch_size = found.advice.batch_size, .epochs = 1, .memory = bw::MiB(8)};
  // Small batches first, larger ones as the gradient gets noisier.
  options.callbacks = {std::make_shared<bw::GrowBatch>(bw::GrowBatchOptions{.when = "noise", .largest = 1024})};

  // Does it fit? An answer, not a crash: nothing was started, and the model is as it was.
  try {
    model.fit(train, options);
  } catch (const bw::BudgetError& error) {
    std::cout << error.what() << "\n";
    options.memory = error.smallest_budget;
  }

  bw::History history = model.fit(train, options);
  if (const auto& noise = history.noise_scale.back())
    std::cout << "noise scale " << noise->value << " samples (" << noise->low << " to " << noise->high << ")\n";
}
