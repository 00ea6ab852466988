// Facts about MaxPooling2D that Keras's values do not show.
#include <gtest/gtest.h>

#include <batchwise/layer.h>

namespace batchwise {
namespace {

std::unique_ptr<Layer> pooling(Config::Object arguments) {
  return Registry<Layer>::instance().make({"MaxPooling2D", Config(std::move(arguments))}, "test");
}

TEST(MaxPooling2D, WritesTheConfigOfKerasWithStridesFilledIn) {
  EXPECT_EQ(pooling({{"pool_size", 3}})->config().text(),
            "{\"pool_size\": [3, 3], \"padding\": \"valid\", \"strides\": [3, 3], \"data_format\": \"channels_last\"}");
  EXPECT_EQ(pooling({{"strides", nullptr}})->output_shapes({{9, 8, 3}}), (Shapes{{4, 4, 3}}));
  EXPECT_EQ(pooling({{"padding", "same"}})->output_shapes({{9, 8, 3}}), (Shapes{{5, 4, 3}}));
}

TEST(MaxPooling2D, RefusesWindowsThatDoNotFit) {
  EXPECT_THROW(pooling({{"pool_size", 5}})->output_shapes({{4, 8, 3}}), Error);
  EXPECT_THROW(pooling({})->output_shapes({{4, 8}}), Error);
  EXPECT_THROW(pooling({{"pool_size", 0}}), Error);
}

}  // namespace
}  // namespace batchwise
