// Dropout: while training, elements become 0 with probability `rate` and the others grow by 1 / (1 - rate).
#include "kernels/dropout.h"

#include "base/random.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class DropoutLayer final : public Layer {
 public:
  explicit DropoutLayer(const Config& config) {
    require_known_keys("Dropout", config, {"rate", "seed", "noise_shape"});
    rate_ = config.at("rate").as_number("Dropout.rate");
    require(rate_ >= 0 && rate_ <= 1, "Dropout", "rate must be in [0, 1]. Got ", rate_, ".");
    const Config* noise_shape = config.find("noise_shape");
    require(!noise_shape || noise_shape->is_null(), "Dropout",
            "noise_shape must be null: every element is drawn by itself. Got ", noise_shape ? noise_shape->text() : "",
            ".");
    if (const Config* seed = config.find("seed"); seed && !seed->is_null()) seed_ = seed->as_int("Dropout.seed");
  }
  std::string_view class_name() const override { return "Dropout"; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    return Config::object({{"rate", rate_}, {"seed", seed_ ? Config(*seed_) : Config()}, {"noise_shape", Config()}});
  }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("Dropout", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!lowering.training() || rate_ == 0) return {inputs[0]};
    const uint64_t key = seed_ ? mix(lowering.layer_key(), static_cast<uint64_t>(*seed_)) : lowering.layer_key();
    return {lowering.add1(make_dropout_kernel(rate_, key, lowering.type(inputs[0]), lowering.grain()), {inputs[0]})};
  }

 private:
  double rate_ = 0;
  std::optional<int64_t> seed_;
};

const RegisterLayer<DropoutLayer> registered{
    "Dropout",
    {},
    {Config::object({{"rate", 0.5}}), Config::object({{"rate", 0.25}, {"seed", 7}}), Config::object({{"rate", 0.0}})}};

}  // namespace
}  // namespace batchwise
