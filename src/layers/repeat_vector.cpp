// RepeatVector: a vector as each step of a sequence.
#include "layers/arguments.h"
#include "layers/moving_layer.h"

namespace batchwise {
namespace {

class RepeatVectorLayer final : public MovingLayer {
 public:
  explicit RepeatVectorLayer(const Config& config) : MovingLayer("RepeatVector", "repeat") {
    require_known_keys("RepeatVector", config, {"n"});
    times_ = config.at("n").as_int("RepeatVector.n");
    require(times_ > 0, "RepeatVector", "n must be positive. Got ", times_, ".");
  }
  Config config() const override { return Config::object({{"n", times_}}); }

 protected:
  Shape moved_shape(const Shape& input) const override {
    require_rank("RepeatVector", input, 1, "(features,)");
    return {times_, input[0]};
  }
  Rearrangement moves(const Shape& input) const override {
    return rearrangement(moved_shape(input), [](std::span<const int64_t> place) { return place[1]; });
  }

 private:
  int64_t times_ = 1;
};

const RegisterLayer<RepeatVectorLayer> registered{"RepeatVector", {}, {Config::object({{"n", 3}})}};

}  // namespace
}  // namespace batchwise
