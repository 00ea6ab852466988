// A trained model as the start of another: inner outputs, a new head, frozen layers, then fine-tuning.
#include <batchwise/batchwise.h>

#include <filesystem>
#include <iostream>

namespace bw = batchwise;

namespace {

constexpr int64_t kSamples = 192, kSize = 8;

// Points around `classes` centres.
bw::Array points(int64_t classes) {
  bw::Array x(bw::DType::Float32, {kSamples, kSize});
  for (int64_t n = 0; n < kSamples; ++n)
    for (int64_t i = 0; i < kSize; ++i)
      x.data<float>()[n * kSize + i] =
          (i % classes == n % classes ? 1.0f : 0.0f) + 0.01f * static_cast<float>((n * 7 + i * 3) % 10);
  return x;
}

bw::Array labels(int64_t classes) {
  bw::Array y(bw::DType::Int32, {kSamples});
  for (int64_t n = 0; n < kSamples; ++n) y.data<int32_t>()[n] = static_cast<int32_t>(n % classes);
  return y;
}

std::string trained_file() {
  bw::Model model = bw::Sequential({bw::Input({kSize}), bw::Dense({.units = 16, .activation = "relu"}).named("first"),
                                    bw::Dense({.units = 16, .activation = "relu"}).named("features"),
                                    bw::Dense({.units = 4, .activation = "softmax"}).named("four")});
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.01f}), .loss = "sparse_categorical_crossentropy"});
  model.fit(points(4), labels(4), {.batch_size = 32, .epochs = 10, .verbose = 0});
  const std::string path = (std::filesystem::temp_directory_path() / "batchwise_four.keras").string();
  model.save(path);
  return path;
}

}  // namespace

int main() {
  // Another task: eight classes instead of four, on what the layers before the head have learned.
  bw::Model base = bw::Model::load(trained_file());
  auto features = base.output_of("features");
  auto head = bw::Dense({.units = 8, .activation = "softmax"}).named("eight");
  bw::Model model(base.inputs(), {head(features)});

  for (const char* name : {"first", "features"}) model.layer(name)->set_trainable(false);
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.02f}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(points(8), labels(8), {.batch_size = 32, .epochs = 30, .verbose = 0});

  for (const char* name : {"first", "features"}) model.layer(name)->set_trainable(true);
  model.compile({.optimizer = bw::Adam({.learning_rate = 0.005f}),
                 .loss = "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  bw::History history = model.fit(points(8), labels(8), {.batch_size = 32, .epochs = 30, .verbose = 0});

  bw::Model embedding(base.inputs(), {features});
  std::cout << "features of one sample: " << embedding.predict(points(8)).shape() << '\n';
  const double accuracy = history["accuracy"].back();
  std::cout << "accuracy " << accuracy << '\n';
  return accuracy > 0.95 ? 0 : 1;
}
