// Dtype policies in all forms that files and people state them in.
#include <batchwise/dtype_policy.h>

#include <gtest/gtest.h>

#include <batchwise/error.h>

namespace batchwise {
namespace {

Config policy(std::string_view class_name, Config config) {
  return Config::object({{"module", "keras"}, {"class_name", class_name}, {"config", std::move(config)}});
}

TEST(DTypePolicy, IsReadFromWordsAndObjects) {
  const Config word = "mixed_bfloat16", object = policy("DTypePolicy", Config::object({{"name", "mixed_bfloat16"}}));
  const Config plain = "float32", none, old = policy("FloatDTypePolicy", Config::object({{"name", "float32"}}));
  EXPECT_EQ(dtype_policy_of(&word, "layer"), DTypePolicy::MixedBfloat16);
  EXPECT_EQ(dtype_policy_of(&object, "layer"), DTypePolicy::MixedBfloat16);
  EXPECT_EQ(dtype_policy_of(&plain, "layer"), DTypePolicy::Float32);
  EXPECT_EQ(dtype_policy_of(&old, "layer"), DTypePolicy::Float32);
  EXPECT_EQ(dtype_policy_of(&none, "layer"), std::nullopt);
  EXPECT_EQ(dtype_policy_of(nullptr, "layer"), std::nullopt);
}

TEST(DTypePolicy, OfAnotherKindIsRefusedByName) {
  const Config others[] = {"float16",
                           "mixed_float16",
                           "bfloat16",
                           "float64",
                           Config(3),
                           policy("DTypePolicy", Config::object({{"name", "mixed_float16"}})),
                           policy("QuantizedDTypePolicy", Config::object({{"mode", "int8"}})),
                           policy("QuantizedDTypePolicy", Config::object({{"name", "float32"}})),
                           policy("DTypePolicy", Config::object({{"name", "float32"}, {"source_name", "int8"}})),
                           Config::object({{"config", Config::object({{"name", "float32"}})}}),
                           policy("DTypePolicyMap", Config::object({{"default_policy", Config()}}))};
  for (const Config& other : others) try {
      dtype_policy_of(&other, "layer \"dense\"");
      ADD_FAILURE() << other.text();
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("[layer \"dense\"] dtype must be"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace batchwise
