// Facts about Conv2D that Keras's values do not show.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> conv2d(Config::Object arguments) {
  return Registry<Layer>::instance().make({"Conv2D", Config(std::move(arguments))}, "test");
}

std::string error_of(Config::Object arguments, const Shape& image = {8, 8, 3}) {
  try {
    conv2d(std::move(arguments))->output_shapes({image});
  } catch (const Error& error) { return error.what(); }
  return "";
}

TEST(Conv2D, WritesTheConfigOfKeras) {
  EXPECT_EQ(
      conv2d({{"filters", 4}, {"kernel_size", 3}, {"padding", "SAME"}})->config().text(),
      "{\"filters\": 4, \"kernel_size\": [3, 3], \"strides\": [1, 1], \"padding\": \"same\", \"data_format\": "
      "\"channels_last\", \"dilation_rate\": [1, 1], \"groups\": 1, \"activation\": \"linear\", \"use_bias\": true, "
      "\"kernel_initializer\": {\"class_name\": \"GlorotUniform\", \"config\": {}}, \"bias_initializer\": "
      "{\"class_name\": \"Zeros\", \"config\": {}}, \"kernel_regularizer\": null, \"bias_regularizer\": null, "
      "\"activity_regularizer\": null, \"kernel_constraint\": null, \"bias_constraint\": null}");
}

TEST(Conv2D, KnowsItsShapes) {
  const auto layer =
      conv2d({{"filters", 6}, {"kernel_size", Config(Config::List{3, 2})}, {"strides", 2}, {"groups", 3}});
  EXPECT_EQ(layer->output_shapes({{9, 8, 12}}), (Shapes{{4, 4, 6}}));
  EXPECT_EQ(layer->variables({{9, 8, 12}})[0].shape, (Shape{3, 2, 4, 6}));
  EXPECT_EQ(
      conv2d({{"filters", 6}, {"kernel_size", 3}, {"strides", 2}, {"padding", "same"}})->output_shapes({{9, 8, 12}}),
      (Shapes{{5, 4, 6}}));
  EXPECT_EQ(conv2d({{"filters", 6}, {"kernel_size", 3}, {"dilation_rate", 3}})->output_shapes({{9, 8, 12}}),
            (Shapes{{3, 2, 6}}));
}

TEST(Conv2D, NamesTheRuleThatAnArgumentBreaks) {
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 9}}),
            "[Conv2D] the window of 9 x 9 must fit the input. Got one of (8, 8, 3): use a smaller window, or padding "
            "\"same\".");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 3}, {"groups", 4}}),
            "[Conv2D] groups, 4, must divide the channels of the input. Got 3.");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 3}, {"groups", 3}}),
            "[Conv2D] groups must divide filters, 4. Got 3.");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 0}}), "[Conv2D] kernel_size must be positive. Got 0.");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 3}, {"padding", "causal"}}),
            "[Conv2D] padding must be \"valid\" or \"same\". Got \"causal\".");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 3}, {"data_format", "channels"}}),
            "[Conv2D] data_format must be \"channels_last\" or \"channels_first\". Got \"channels\".");
  EXPECT_NE(error_of({{"filters", 4}, {"kernel_size", 3}, {"strides", 2}, {"dilation_rate", 2}}), "");
  EXPECT_NE(error_of({{"filters", 4}}), "");
  EXPECT_EQ(error_of({{"filters", 4}, {"kernel_size", 3}}, {8, 8}),
            "[Conv2D] each sample must have shape (height, width, channels). Got (8, 8).");
}

}  // namespace
}  // namespace batchwise
