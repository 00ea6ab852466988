// Which batch size for a folder of photographs? 32 to 256 in one budget: what does not fit is answered, not tried.
// `example_sweep_photos FOLDER [EPOCHS] [SEEDS]`
#include <batchwise/batchwise.h>

#include <cstdlib>
#include <iostream>

namespace bw = batchwise;

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "flowers/";
  const auto [train, validation] =
      bw::image_datasets_from_directory(folder, {.image_size = {64, 64}, .seed = 1337, .validation_split = 0.2});
  bw::Model model =
      bw::Sequential({bw::Input({64, 64, 3}), bw::Rescaling({.scale = 1 / 255.0f}),
                      bw::Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"}), bw::MaxPooling2D(),
                      bw::Conv2D({.filters = 32, .kernel_size = 3, .activation = "relu"}), bw::GlobalAveragePooling2D(),
                      bw::Dense({.units = static_cast<int64_t>(train.class_names.size())})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 3e-3f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  bw::SweepOptions options;
  options.batch_sizes = {32, 64, 128, 256};
  options.fit.epochs = argc > 2 ? std::atoi(argv[2]) : 10;
  options.fit.memory = bw::GiB(1);
  options.fit.validation_data = validation;
  options.fit.verbose = 0;
  options.seeds.clear();
  for (int seed = 0; seed < (argc > 3 ? std::atoi(argv[3]) : 3); ++seed) options.seeds.push_back(seed);
  std::cout << bw::sweep(model, train, options);
}
