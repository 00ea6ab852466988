// Moments: the mean and the variance along axes.
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class MomentsOperation final : public Operation {
 public:
  MomentsOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axes", "keepdims", "synchronized"}),
        axes_(key, Config::object({{"axis", config.find("axes") ? *config.find("axes") : Config()}})),
        keeps_(config.get("keepdims", false)) {
    require(!config.get("synchronized", false), key, "synchronized must be false. Got true.");
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return Shapes(2, axes_.reduced(one(inputs, form), keeps_));
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const Shape shape = lowering.type(input).shape;
    const Value mean = axes_.along(lowering, "mean", input);
    const Value squares = through(lowering, "square", with_value(lowering, "subtract", input, mean));
    const Value variance = axes_.along(lowering, "mean", squares);
    return {axes_.finish(lowering, mean, shape, keeps_), axes_.finish(lowering, variance, shape, keeps_)};
  }

 private:
  ReducedAxes axes_;
  bool keeps_;
};

const bool registered = register_operations<MomentsOperation>(
    {"ops.nn.Moments"},
    {Config::object({{"axes", Config::List{1}}}), Config::object({{"axes", Config::List{1, -1}}, {"keepdims", true}})});

}  // namespace
}  // namespace batchwise
