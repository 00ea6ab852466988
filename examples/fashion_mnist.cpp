// A classifier of Fashion-MNIST, trained at batch size 4096 in 64 MiB.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main() {
  auto [train, test] = bw::datasets::fashion_mnist();
  bw::Model model = bw::Sequential({bw::Input({28, 28, 1}), bw::Rescaling({.scale = 1 / 255.0f}), bw::Flatten(),
                                    bw::Dense({.units = 128, .activation = "relu"}), bw::Dense({.units = 10})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 5e-3f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  std::cout << model.plan({.batch_size = 4096, .memory = bw::MiB(64)});  // what fits, where each byte goes, why
  model.fit(train, {.batch_size = 4096, .epochs = 5, .memory = bw::MiB(64)});
  for (const auto& [name, value] : model.evaluate(test)) std::cout << name << ' ' << value << '\n';
  model.save("fashion.keras");  // opens in Keras
}
