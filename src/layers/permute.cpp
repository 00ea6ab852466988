// Permute: the axes of a sample in another order.
#include <algorithm>

#include "layers/arguments.h"
#include "layers/moving_layer.h"

namespace batchwise {
namespace {

class PermuteLayer final : public MovingLayer {
 public:
  explicit PermuteLayer(const Config& config) : MovingLayer("Permute", "permute") {
    require_known_keys("Permute", config, {"dims"});
    for (const Config& dim : config.at("dims").as_list("Permute.dims"))
      axes_.push_back(static_cast<int>(dim.as_int("dims")) - 1);
    std::vector<int> sorted = axes_;
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 0; i < sorted.size(); ++i)
      require(sorted[i] == static_cast<int>(i), "Permute", "dims must be the numbers 1 to ", sorted.size(),
              " in some order. Got ", config.at("dims").text(), ".");
  }
  Config config() const override {
    Config::List dims;
    for (const int axis : axes_) dims.emplace_back(axis + 1);
    return Config::object({{"dims", dims}});
  }

 protected:
  Shape moved_shape(const Shape& input) const override {
    require(input.rank() == static_cast<int>(axes_.size()), "Permute", "dims must name each axis of a sample, ",
            input.rank(), " of them. Got ", axes_.size(), ".");
    std::vector<int64_t> dims;
    for (const int axis : axes_) dims.push_back(input[axis]);
    return Shape(std::span<const int64_t>(dims));
  }
  Rearrangement moves(const Shape& input) const override { return permutation(input, axes_); }

 private:
  std::vector<int> axes_;  // of the input, without the batch
};

const RegisterLayer<PermuteLayer> registered{
    "Permute", {}, {Config::object({{"dims", Config::List{2, 1}}}), Config::object({{"dims", Config::List{3, 1, 2}}})}};

}  // namespace
}  // namespace batchwise
