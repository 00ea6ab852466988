// Facts about Rescaling: bytes and floats give the same, per channel and in any layout.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> rescaling(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"Rescaling", config}, "test");
  layer->set_name("layer");
  return layer;
}

TEST(Rescaling, BytesGiveWhatTheirFloatsGive) {
  Array bytes(DType::UInt8, {3, 5, 7, 3});
  for (int64_t i = 0; i < bytes.count(); ++i) bytes.data<uint8_t>()[i] = static_cast<uint8_t>(i * 37 % 256);
  for (const Config& config :
       {Config::object({{"scale", 1 / 255.0}}),
        Config::object({{"scale", Config::List{0.5, 2.0, 3.0}}, {"offset", Config::List{1.0, 0.0, -1.0}}})}) {
    const auto layer = rescaling(config);
    EXPECT_EQ(values(try_layer(*layer, {bytes}, {}, {}, {.grain = 2}).outputs[0]),
              values(try_layer(*layer, {bytes.cast(DType::Float32)}, {}, {}, {.grain = 2}).outputs[0]));
  }
}

TEST(Rescaling, AnOffsetLeavesPaddedChannelsZero) {
  const auto layer = rescaling(Config::object({{"scale", 2.0}, {"offset", 1.0}}));
  const Array x = random_array({2, 3, 3, 5}, 1);
  EXPECT_EQ(values(try_layer(*layer, {x}, {}, {x}, {.channel_block = 8}).outputs[0]),
            values(try_layer(*layer, {x}, {}, {x}).outputs[0]));
}

TEST(Rescaling, RefusesNumbersThatDoNotFitTheChannelsAndTypesItCannotRead) {
  EXPECT_THROW(rescaling(Config::object({{"scale", Config::List{1.0, 2.0}}}))->build({{4, 4, 3}}), Error);
  EXPECT_THROW(rescaling(Config::object({{"offset", 1.0}})), Error);
  EXPECT_THROW(try_layer(*rescaling(Config::object({{"scale", 1.0}})), {Array(DType::Int64, {2, 3})}, {}), Error);
}

}  // namespace
}  // namespace batchwise
