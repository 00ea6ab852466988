// What a PyTorch program does, here: data, a loader, a loop with accumulation, state kept and read, predictions.
#include <batchwise/batchwise.h>

#include <cmath>
#include <filesystem>
#include <iostream>

namespace bw = batchwise;

namespace {

// A Dataset of PyTorch's: a length and an item.
struct Rings {
  int64_t size() const { return 1200; }
  std::pair<bw::Array, int64_t> get(int64_t i) const {
    bw::Array x(bw::DType::Float32, {2});
    const int64_t label = i % 2;
    const float angle = 0.1f * static_cast<float>(i), radius = label == 0 ? 0.5f : 1.0f;
    x.data<float>()[0] = radius * std::cos(angle);
    x.data<float>()[1] = radius * std::sin(angle);
    return {x, label};
  }
};

bw::Model net() {
  bw::Model model =
      bw::Sequential({bw::Input({2}), bw::Dense({.units = 32, .activation = "relu"}), bw::Dense({.units = 2})});
  model.compile({.optimizer = bw::AdamW({.learning_rate = 0.01f, .weight_decay = 0.01f, .epsilon = 1e-8f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  return model;
}

}  // namespace

int main() {
  bw::Model model = net();
  bw::DataLoader loader(Rings{}, {.batch_size = 50, .shuffle = true, .num_workers = 2, .seed = 1});
  {
    bw::Trainer trainer(model, {.batch_size = 50, .seed = 1});
    for (int epoch = 0; epoch < 30; ++epoch) {
      for (const bw::Batch& batch : loader) {
        bw::Logs logs = trainer.accumulate(batch);      // forward and backward; what they cost
        if (trainer.samples() >= 200) trainer.apply();  // optimizer.step(), of the mean over these samples
      }
      if (trainer.samples() > 0) trainer.apply();
    }
  }  // the model has its weights back

  const std::string folder = std::filesystem::temp_directory_path().string();
  model.save_weights(folder + "/batchwise_rings.safetensors");  // torch.save(model.state_dict(), ...)
  model.save(folder + "/batchwise_rings.keras");                // with architecture, settings and optimizer state

  bw::Model same = net();
  same.load_weights(folder + "/batchwise_rings.safetensors");
  bw::Model all = bw::Model::load(folder + "/batchwise_rings.keras");

  const bw::Logs result = same.evaluate(bw::from_samples(Rings{}));
  const bw::Array logits = all.predict(bw::from_samples(Rings{}));  // no dropout, no gradient, nothing to switch off
  for (const auto& [name, value] : result) std::cout << name << ' ' << value << '\n';
  std::cout << "logits " << logits.shape() << '\n';
  return *bw::find_log(result, "accuracy") > 0.95 ? 0 : 1;
}
