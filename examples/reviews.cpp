// A classifier of texts in class folders: `example_reviews FOLDER`.
#include <batchwise/batchwise.h>

#include <iostream>

namespace bw = batchwise;

int main(int argc, char** argv) {
  const std::string folder = argc > 1 ? argv[1] : "reviews/";
  const auto [train, validation] = bw::text_datasets_from_directory(folder, {.seed = 1337, .validation_split = 0.2});
  const int64_t classes = static_cast<int64_t>(train.class_names.size());

  bw::LayerRef words = bw::TextVectorization({.max_tokens = 2000, .output_mode = "multi_hot"});
  words.adapt(train);  // learns the vocabulary
  bw::Model model = bw::Sequential({bw::Input({1}, {.dtype = bw::DType::String}), words,
                                    bw::Dense({.units = 16, .activation = "relu"}), bw::Dense({.units = classes})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 1e-2f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  model.fit(train, {.batch_size = 8, .epochs = 10, .validation_data = validation, .verbose = 2});
  model.save(argc > 2 ? argv[2] : "reviews.keras");  // the vocabulary goes along

  std::cout << bw::get_vocabulary(words).size() << " words\n";
  const bw::Array logits = model.predict(bw::Array::text({"a text that nobody has labelled"}));
  std::cout << "the first class has the logit " << logits.data<float>()[0] << "\n";
}
