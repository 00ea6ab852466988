// GroupNormalization: every sample over groups of its channels, then scaled and shifted by channel.
#include "kernels/channel_affine.h"
#include "kernels/layer_normalization.h"
#include "kernels/rearrange.h"
#include "kernels/view.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "GroupNormalization";
constexpr const char* kSpecs[] = {"beta_initializer",  "gamma_initializer", "beta_regularizer",
                                  "gamma_regularizer", "beta_constraint",   "gamma_constraint"};

class GroupNormalizationLayer final : public Layer {
 public:
  explicit GroupNormalizationLayer(const Config& config) {
    require_known_keys(kName, config,
                       {"groups", "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
                        "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"});
    groups_ = config.get("groups", 32);
    require(groups_ > 0 || groups_ == -1, kName, "groups must be positive, or -1 for one per channel. Got ", groups_,
            ".");
    axis_ = config.get("axis", -1);
    epsilon_ = config.get("epsilon", 1e-3);
    center_ = config.get("center", true);
    scale_ = config.get("scale", true);
    for (const char* key : kSpecs) {
      const Config* value = config.find(key);
      Spec otherwise;
      if (std::string_view(key).ends_with("initializer"))
        otherwise = std::string_view(key) == "gamma_initializer" ? "Ones" : "Zeros";
      specs_.emplace_back(value && !value->is_null() ? spec_of(*value, key) : otherwise);
    }
  }
  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    Config config = Config::object(
        {{"groups", groups_}, {"axis", axis_}, {"epsilon", epsilon_}, {"center", center_}, {"scale", scale_}});
    for (size_t i = 0; i < specs_.size(); ++i) config.set(kSpecs[i], config_of(specs_[i]));
    return config;
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kName, inputs);
    const int64_t channels = shape[sample_axis(kName, axis_, shape.rank())];
    require(channels > 0 && channels % groups_of(channels) == 0, kName, "groups, ", groups_,
            ", must divide the channels. Got ", channels, ".");
    return inputs;
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    const Shape shape = {inputs[0][sample_axis(kName, axis_, inputs[0].rank())]};
    std::vector<VariableSpec> all;
    if (scale_)
      all.push_back({.name = "gamma",
                     .shape = shape,
                     .initializer = specs_[1],
                     .regularizer = specs_[3],
                     .constraint = specs_[5]});
    if (center_)
      all.push_back({.name = "beta",
                     .shape = shape,
                     .initializer = specs_[0],
                     .regularizer = specs_[2],
                     .constraint = specs_[4]});
    return all;
  }
  // Groups come to the front, so that each is a row: (positions, groups, channels of one) -> (groups, the rest).
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const Shape shape = lowering.type(plain).shape;
    const int axis = sample_axis(kName, axis_, shape.rank());
    const int64_t channels = shape[axis], groups = groups_of(channels), each = channels / groups;
    int64_t before = 1, after = 1;
    for (int i = 0; i < axis; ++i) before *= shape[i];
    for (int i = axis + 1; i < shape.rank(); ++i) after *= shape[i];
    const auto moved = [&](Value value, const Shape& from, std::initializer_list<int> axes) {
      const Value seen = view(lowering, value, from);
      return lowering.add1(
          make_rearrange_kernel("permute", lowering.type(seen),
                                permutation(from, std::span<const int>(axes.begin(), axes.size())), lowering.grain()),
          {seen});
    };
    Value value = moved(plain, {before, groups, each, after}, {1, 0, 3, 2});
    value = lowering.add1(make_layer_normalization_kernel(
                              {.first_axis = 1, .last_axis = 3, .epsilon = epsilon_, .center = false, .scale = false},
                              lowering.type(value), lowering.grain()),
                          {value});
    value = moved(value, {groups, before, after, each}, {1, 2, 0, 3});  // (before, after, groups, each)
    if (scale_ || center_) {
      std::vector<std::string> names;
      for (const VariableSpec& variable : variables({shape})) names.push_back(variable.name);
      value = view(lowering, value, {before, after, channels});
      value = lowering.add1(make_channel_affine_kernel(lowering.type(value), scale_, center_, lowering.grain()),
                            {value}, names);
    }
    if (after > 1) value = moved(value, {before, after, channels}, {0, 2, 1});
    return {view(lowering, value, shape)};
  }

 private:
  int64_t groups_of(int64_t channels) const { return groups_ == -1 ? channels : groups_; }
  static Value view(Lowering& lowering, Value value, const Shape& shape) {
    if (lowering.type(value).shape == shape) return value;
    return lowering.add1(make_view_kernel(lowering.type(value), shape, lowering.grain()), {value});
  }

  int64_t groups_ = 32, axis_ = -1;
  double epsilon_ = 1e-3;
  bool center_ = true, scale_ = true;
  std::vector<Spec> specs_;  // in the order of kSpecs
};

const RegisterLayer<GroupNormalizationLayer> registered{
    "GroupNormalization",
    {},
    {Config::object({{"groups", 2}}), Config::object({{"groups", -1}, {"scale", false}}),
     Config::object({{"groups", 1}, {"center", false}, {"axis", 1}})}};

}  // namespace
}  // namespace batchwise
