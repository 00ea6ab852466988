// Weights in the layouts that kernels read: made alike wherever they are made.
#include <gtest/gtest.h>

#include <cmath>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// Weights that are no denormals, though parts of what Winograd's way makes of them are: were those zero in the copies
// that an update makes and not in a new session's, or after a validation, steps that change nothing would have other
// losses.
TEST(VariableStore, MakesTheSameOfTinyWeightsInAStepAndInANewSession) {
  const Symbol image = Input({9, 9, 16});
  Model model(image, Conv2D({.filters = 16, .kernel_size = 3, .padding = "same"})(image));
  model.compile({.optimizer = SGD({.learning_rate = 0.0f}), .loss = "mean_absolute_error"});
  model.initialize(1);
  std::vector<Array> weights = model.get_weights();
  for (int64_t i = 0; i < weights[0].count(); ++i)
    weights[0].data<float>()[i] =
        (i % 3 == 0 ? -1 : 1) * (4.5e-38f + 1.5e-38f * std::sin(0.7f * static_cast<float>(i)));
  model.set_weights(weights);
  Array x(DType::Float32, {8, 9, 9, 16});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = 1e33f * std::cos(0.3f * static_cast<float>(i));
  const Dataset data(x, Array(DType::Float32, {8, 9, 9, 16}));
  FitOptions options{.batch_size = 8, .epochs = 3, .verbose = 0};
  for (const bool validated : {false, true}) {
    if (validated) options.validation_data = data;
    const History history = model.fit(data, options);
    EXPECT_GT(history["loss"][0], 0);
    EXPECT_EQ(history["loss"][1], history["loss"][0]);
    EXPECT_EQ(history["loss"][2], history["loss"][0]);
  }
}

}  // namespace
}  // namespace batchwise
