// A service: a model that stays ready answers one sample at a time, with the bits that it would have among many.
#include <batchwise/batchwise.h>

#include <cstring>
#include <iostream>

namespace bw = batchwise;

int main() {
  constexpr int64_t kSamples = 512;
  bw::Array x(bw::DType::Float32, {kSamples, 8});
  bw::Array y(bw::DType::Int32, {kSamples});
  for (int64_t n = 0; n < kSamples; ++n) {
    float sum = 0;
    for (int64_t i = 0; i < 8; ++i) sum += x.data<float>()[8 * n + i] = static_cast<float>((n * 31 + i * 17) % 23) / 23;
    y.data<int32_t>()[n] = sum > 4;
  }
  bw::Model model = bw::Sequential({bw::Input({8}), bw::Dense({.units = 32, .activation = "relu"}),
                                    bw::Dense({.units = 2, .activation = "softmax"})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.01f}), .loss = "sparse_categorical_crossentropy"});
  model.fit(bw::Dataset(x, y), {.batch_size = 32, .epochs = 5, .verbose = 0});
  const bw::Array all = model.predict(x);

  bw::Predictor predictor(model);  // planned once; `predict` would plan again for every sample
  for (int64_t n = 0; n < kSamples; ++n) {
    const bw::Array answer = predictor.predict(x.slice(n, 1));
    if (std::memcmp(answer.raw(), all.slice(n, 1).raw(), static_cast<size_t>(answer.bytes())) != 0) return 1;
  }
  std::cout << kSamples << " answers, one at a time, with the same bits as together\n";
  return 0;
}
