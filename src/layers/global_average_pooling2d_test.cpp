// Facts about GlobalAveragePooling2D that Keras's values do not show.
#include <gtest/gtest.h>

#include <batchwise/layer.h>

namespace batchwise {
namespace {

TEST(GlobalAveragePooling2D, KeepsDimensionsWhenAsked) {
  const auto made = [](Config::Object arguments) {
    return Registry<Layer>::instance().make({"GlobalAveragePooling2D", Config(std::move(arguments))}, "test");
  };
  EXPECT_EQ(made({})->output_shapes({{9, 8, 3}}), (Shapes{{3}}));
  EXPECT_EQ(made({{"keepdims", true}})->output_shapes({{9, 8, 3}}), (Shapes{{1, 1, 3}}));
  EXPECT_EQ(made({})->config().text(), "{\"data_format\": \"channels_last\", \"keepdims\": false}");
  EXPECT_THROW(made({})->output_shapes({{9, 8}}), Error);
  EXPECT_THROW(made({{"keepdim", true}}), Error);
}

}  // namespace
}  // namespace batchwise
