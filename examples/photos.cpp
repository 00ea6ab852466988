// A network trained on photographs in class folders: `example_photos FOLDER`.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "flowers/";
  const auto [train, validation] = bw::image_datasets_from_directory(
      folder, {.image_size = {32, 32}, .seed = 1337, .validation_split = 0.2, .interpolation = "bilinear"});
  std::cout << train.size() << " photographs to learn from, " << validation.size() << " to judge by\n";
  const int64_t classes = static_cast<int64_t>(train.class_names.size());

  bw::Model model = bw::Sequential({bw::Input({32, 32, 3}), bw::Rescaling({.scale = 1 / 255.0f}),
                                    bw::Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"}),
                                    bw::GlobalAveragePooling2D(), bw::Dense({.units = classes})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 1e-2f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 16, .epochs = 3, .validation_data = validation, .verbose = 2});

  // What is damaged is left out and said; what was decoded once is read from a file from then on.
  bw::ImageDatasetOptions options{.image_size = {32, 32}};
  options.on_bad_file = "skip";
  options.cache = argc > 2 ? argv[2] : "photos-cache/";
  const bw::ImageDataset kept = bw::image_dataset_from_directory(folder, options);
  for (const bw::SkippedFile& file : kept.skipped) std::cout << "left out: " << file.reason << "\n";
  model.evaluate(kept);
}
