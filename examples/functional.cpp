// A network with two branches that meet again: layers called on tensors, as in Keras's functional API.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main() {
  // Two bright columns against two bright rows: one branch looks along each.
  constexpr int64_t kSamples = 256, kSide = 8;
  bw::Array images(bw::DType::Float32, {kSamples, kSide, kSide, 1});
  bw::Array labels(bw::DType::Int32, {kSamples});
  for (int64_t n = 0; n < kSamples; ++n) {
    const int64_t kind = n % 2, line = n / 2 % kSide;
    labels.data<int32_t>()[n] = static_cast<int32_t>(kind);
    for (int64_t i = 0; i < kSide; ++i) {
      const int64_t pixel = kind == 0 ? i * kSide + line : line * kSide + i;
      images.data<float>()[n * kSide * kSide + pixel] = 1;
    }
  }

  auto input = bw::Input({kSide, kSide, 1});
  auto wide = bw::Conv2D({.filters = 4, .kernel_size = {1, 5}, .padding = "same", .activation = "relu"})(input);
  auto tall = bw::Conv2D({.filters = 4, .kernel_size = {5, 1}, .padding = "same", .activation = "relu"})(input);
  auto both = bw::Concatenate()({wide, tall});
  auto output = bw::Dense({.units = 2, .activation = "softmax"})(bw::GlobalMaxPooling2D()(both));
  bw::Model model(input, output);

  std::cout << model.summary();
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.01f}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  bw::History history = model.fit(images, labels, {.batch_size = 64, .epochs = 60, .verbose = 2});
  const double accuracy = history["accuracy"].back();
  std::cout << "accuracy " << accuracy << '\n';
  return accuracy > 0.95 ? 0 : 1;
}
