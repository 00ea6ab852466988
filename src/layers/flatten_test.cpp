// Facts about Flatten: rows in Keras's order from any layout.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> flatten(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Flatten", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(Flatten, RowsAreInTheOrderOfChannelsLast) {
  const Array x = random_array({5, 3, 4, 19}, 1);
  for (const int block : {0, 8, 16}) {
    const TrialResult result =
        try_layer(*flatten(), {x}, {}, {random_array({5, 228}, 2)}, {.grain = 2, .channel_block = block});
    EXPECT_EQ(values(result.outputs[0]), values(x));
    EXPECT_EQ(values(result.input_gradients[0]), values(random_array({5, 228}, 2)));
  }
}

TEST(Flatten, KeepsBytesAsTheyAre) {
  const Array x = Array::from<uint8_t>({1, 2, 3, 4, 5, 6, 7, 255}, {2, 2, 2});
  const Array y = try_layer(*flatten(), {x}, {}, {}, {.grain = 1, .training = false}).outputs[0];
  EXPECT_EQ(y.dtype(), DType::UInt8);
  EXPECT_EQ(y.data<uint8_t>()[7], 255);
}

TEST(Flatten, PutsChannelsLastInTheRowWhateverTheFormat) {
  const auto layer = flatten(Config::object({{"data_format", "channels_first"}}));
  const Array x = Array::from<float>({1, 2, 3, 4}, {1, 2, 2});
  EXPECT_EQ(values(try_layer(*layer, {x}, {}).outputs[0]), (std::vector<float>{1, 3, 2, 4}));
  EXPECT_THROW(flatten(Config::object({{"data_format", "channels"}})), Error);
}

}  // namespace
}  // namespace batchwise
