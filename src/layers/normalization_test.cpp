// Facts of Normalization's arguments.
#include <gtest/gtest.h>

#include <batchwise/layer.h>
#include <batchwise/registry.h>

namespace batchwise {
namespace {

std::unique_ptr<Layer> made(const char* name, const Config& config) {
  return Registry<Layer>::instance().make(Spec(name, config), name);
}

// As Keras writes statistics that were given as an array.
TEST(Normalization, WritesNestedStatisticsAsTheyWereGiven) {
  const Config nested = Config::List{Config(Config::List{0.1, 0.2, 0.3})}, flat = Config::List{1.0, 4.0, 9.0};
  const Config written = made("Normalization", Config::object({{"mean", nested}, {"variance", flat}}))->config();
  EXPECT_EQ(*written.find("mean"), nested);
  EXPECT_EQ(*written.find("variance"), flat);
  EXPECT_TRUE(made("Normalization", Config(Config::Object{}))->config().find("mean")->is_null());
}

// It is no argument of Keras's, and so would be lost in files.
TEST(Cropping1D, RefusesADataFormat) {
  EXPECT_THROW(made("Cropping1D", Config::object({{"data_format", "channels_first"}})), Error);
}

}  // namespace
}  // namespace batchwise
