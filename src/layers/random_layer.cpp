// What layers that act by chance while training share: a rate and a seed.
#include "layers/random_layer.h"

#include "base/random.h"
#include "layers/arguments.h"

namespace batchwise {

RandomLayer::RandomLayer(std::string name, const Config& config, const char* rate)
    : name_(std::move(name)), rate_(config.at(rate).as_number(name_ + "." + rate)) {
  const bool is_rate = std::string_view(rate) == "rate";
  require(rate_ >= 0 && (rate_ <= 1 || !is_rate), name_, rate, is_rate ? " must be in [0, 1]" : " must be at least 0",
          ". Got ", rate_, ".");
  if (const Config* seed = config.find("seed"); seed && !seed->is_null()) seed_ = seed->as_int(name_ + ".seed");
}

Shapes RandomLayer::output_shapes(const Shapes& inputs) const { return {one_input(name_, inputs)}; }

uint64_t RandomLayer::key(const Lowering& lowering) const {
  return seed_ ? mix(lowering.layer_key(), static_cast<uint64_t>(*seed_)) : lowering.layer_key();
}

}  // namespace batchwise
