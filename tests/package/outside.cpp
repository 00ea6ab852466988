// A program outside the project: trains a line on four points and says how well it fits.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main() {
  bw::Array x = bw::Array::from<float>({0, 1, 2, 3}, {4, 1});
  bw::Array y = bw::Array::from<float>({1, 3, 5, 7}, {4, 1});
  bw::Model model = bw::Sequential({bw::Input({1}), bw::Dense({.units = 1})});
  model.compile({.optimizer = bw::SGD({.learning_rate = 0.1f}), .loss = "mse"});
  bw::History history = model.fit(x, y, {.batch_size = 4, .epochs = 200, .verbose = 0});
  const double loss = history["loss"].back();
  std::cout << "loss " << loss << "\n";
  return loss < 1e-3 ? 0 : 1;
}
