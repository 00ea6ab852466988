// Zeros, Ones, Constant and Identity: first values without chance.
#include <algorithm>

#include "base/known_keys.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

class ZerosInitializer : public Initializer {
 public:
  explicit ZerosInitializer(const Config& config) { require_known_keys(config, "Zeros", {}); }
  std::string_view class_name() const override { return "Zeros"; }
  Config config() const override { return Config(Config::Object{}); }
  void fill(std::span<const int64_t>, uint64_t, uint64_t, std::span<float> values) const override {
    std::fill(values.begin(), values.end(), 0.0f);
  }
};

class OnesInitializer : public Initializer {
 public:
  explicit OnesInitializer(const Config& config) { require_known_keys(config, "Ones", {}); }
  std::string_view class_name() const override { return "Ones"; }
  Config config() const override { return Config(Config::Object{}); }
  void fill(std::span<const int64_t>, uint64_t, uint64_t, std::span<float> values) const override {
    std::fill(values.begin(), values.end(), 1.0f);
  }
};

class ConstantInitializer : public Initializer {
 public:
  explicit ConstantInitializer(const Config& config) {
    require_known_keys(config, "Constant", {"value"});
    const Config* value = config.find("value");
    value_ = value && !value->is_null() ? *value : Config(0.0);
    flatten(value_);
  }
  std::string_view class_name() const override { return "Constant"; }
  Config config() const override { return Config::object({{"value", value_}}); }
  // One number, one for each element, or one for each of the last axis.
  void fill(std::span<const int64_t> shape, uint64_t, uint64_t, std::span<float> values) const override {
    const size_t last = shape.empty() ? 1 : static_cast<size_t>(shape.back());
    require(flat_.size() == 1 || flat_.size() == values.size() || flat_.size() == last, "Constant",
            "value must be one number, or one for each element of the weight or of its last axis. Got ", flat_.size(),
            " for ", values.size(), " elements.");
    for (size_t i = 0; i < values.size(); ++i) values[i] = flat_[i % flat_.size()];
  }

 private:
  void flatten(const Config& value) {
    if (!value.is_list()) flat_.push_back(static_cast<float>(value.as_number("Constant.value")));
    else
      for (const Config& item : value.as_list()) flatten(item);
    require(!flat_.empty(), "Constant", "value must hold a number. Got ", value.text(), ".");
  }
  Config value_;
  std::vector<float> flat_;
};

class IdentityInitializer : public Initializer {
 public:
  explicit IdentityInitializer(const Config& config) : gain_(config.get("gain", 1.0)) {
    require_known_keys(config, "Identity", {"gain"});
  }
  std::string_view class_name() const override { return "Identity"; }
  Config config() const override { return Config::object({{"gain", gain_}}); }
  void fill(std::span<const int64_t> shape, uint64_t, uint64_t, std::span<float> values) const override {
    require(shape.size() == 2, "Identity", "the weight must have two dimensions. Got ", shape.size(), ".");
    std::fill(values.begin(), values.end(), 0.0f);
    for (int64_t i = 0; i < std::min(shape[0], shape[1]); ++i)
      values[static_cast<size_t>(i * shape[1] + i)] = static_cast<float>(gain_);
  }

 private:
  double gain_;
};

const Register<Initializer, ZerosInitializer> registered_zeros{"Zeros", {"zeros", "zero"}};
const Register<Initializer, OnesInitializer> registered_ones{"Ones", {"ones", "one"}};
const Register<Initializer, ConstantInitializer> registered_constant{
    "Constant",
    {"constant"},
    {Config::object({{"value", 0.5}}), Config::object({{"value", Config::List{1, 2, 3, 4, 5, 6}}})}};
const Register<Initializer, IdentityInitializer> registered_identity{
    "Identity", {"identity", "IdentityInitializer"}, {Config::object({{"gain", 2.0}})}};

}  // namespace

namespace initializers {
Spec Zeros() { return "Zeros"; }
Spec Ones() { return "Ones"; }
Spec Constant(float value) { return {"Constant", Config::object({{"value", value}})}; }
Spec Identity(float gain) { return {"Identity", Config::object({{"gain", gain}})}; }
}  // namespace initializers

}  // namespace batchwise
