// BatchNormalization: exact over the whole batch, or over a declared number of samples ("ghost").
#include "kernels/batch_normalization.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "BatchNormalization";

class BatchNormalizationLayer final : public Layer {
 public:
  explicit BatchNormalizationLayer(const Config& config) {
    require_known_keys(kName, config,
                       {"axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
                        "moving_mean_initializer", "moving_variance_initializer", "beta_regularizer",
                        "gamma_regularizer", "beta_constraint", "gamma_constraint", "synchronized", "renorm",
                        "renorm_clipping", "renorm_momentum", "ghost_batch_size"});
    const Config* axis = config.find("axis");
    if (axis && axis->is_list()) {  // as Keras 2 wrote it
      require(axis->as_list().size() == 1, kName, "axis must be one axis. Got ", axis->text(), ".");
      axis_ = axis->as_list()[0].as_int("BatchNormalization.axis");
    } else {
      axis_ = config.get("axis", -1);
    }
    momentum_ = config.get("momentum", 0.99);
    epsilon_ = config.get("epsilon", 1e-3);
    center_ = config.get("center", true);
    scale_ = config.get("scale", true);
    ghost_ = config.get("ghost_batch_size", 0);
    require(ghost_ >= 0, kName, "ghost_batch_size must be a number of samples, or 0 for the whole batch. Got ", ghost_,
            ".");
    synchronized_ = config.get("synchronized", false);  // statistics are over the whole batch in any case
    require(!config.get("renorm", false), kName, "renorm must be false. Got true.");
    for (const char* key :
         {"beta_initializer", "gamma_initializer", "moving_mean_initializer", "moving_variance_initializer"}) {
      const std::string_view name = key;
      const bool one = name == "gamma_initializer" || name == "moving_variance_initializer";
      const Config* value = config.find(key);
      specs_.emplace_back(key, value && !value->is_null() ? spec_of(*value, key) : Spec(one ? "Ones" : "Zeros"));
    }
    for (const char* key : {"beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint"}) {
      const Config* value = config.find(key);
      specs_.emplace_back(key, value ? spec_of(*value, key) : Spec());
    }
  }

  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    Config config = Config::object(
        {{"axis", axis_}, {"momentum", momentum_}, {"epsilon", epsilon_}, {"center", center_}, {"scale", scale_}});
    for (const auto& [key, spec] : specs_) config.set(key, config_of(spec));
    config.set("synchronized", synchronized_);
    if (ghost_) config.set("ghost_batch_size", ghost_);
    return config;
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kName, inputs);
    require(shape[sample_axis(kName, axis_, shape.rank())] > 0, kName, "the axis must not be empty. Got ", shape, ".");
    return {shape};
  }

  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    const Shape shape = {one_input(kName, inputs)[sample_axis(kName, axis_, inputs[0].rank())]};
    std::vector<VariableSpec> all;
    if (scale_)
      all.push_back({.name = "gamma",
                     .shape = shape,
                     .initializer = spec("gamma_initializer"),
                     .regularizer = spec("gamma_regularizer"),
                     .constraint = spec("gamma_constraint")});
    if (center_)
      all.push_back({.name = "beta",
                     .shape = shape,
                     .initializer = spec("beta_initializer"),
                     .regularizer = spec("beta_regularizer"),
                     .constraint = spec("beta_constraint")});
    all.push_back(
        {.name = "moving_mean", .shape = shape, .initializer = spec("moving_mean_initializer"), .trainable = false});
    all.push_back({.name = "moving_variance",
                   .shape = shape,
                   .initializer = spec("moving_variance_initializer"),
                   .trainable = false});
    return all;
  }

  int64_t samples_together() const override { return ghost_ ? ghost_ : 1; }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const int rank = lowering.type(inputs[0]).shape.rank(), axis = sample_axis(kName, axis_, rank);
    const Value value = axis == rank - 1 ? inputs[0] : lowering.plain(inputs[0]);
    BatchNormalizationSettings options{
        .axis = axis, .momentum = momentum_, .epsilon = epsilon_, .center = center_, .scale = scale_, .ghost = ghost_};
    options.moving = !lowering.training() || !lowering.trainable();
    require(options.moving || !ghost_ || lowering.grain() % ghost_ == 0, kName, "statistics of ", ghost_,
            " samples need grains of as many: a call with training=true cannot be predicted "
            "with, nor evaluated. Got a grain of ",
            lowering.grain(), ".");
    options.input_gradient = lowering.wants_gradient(value);
    options.learns = lowering.learns();
    std::vector<std::string> names;
    for (const VariableSpec& variable : variables({lowering.type(value).shape})) names.push_back(variable.name);
    if (const Value mask = lowering.mask(inputs[0]); mask.index >= 0 && !options.moving) {
      const int features = rank - 1;
      require(axis == features && !ghost_, kName,
              "a mask goes with statistics of the whole batch along the last axis. Got axis ", axis_,
              " and ghost_batch_size ", ghost_, ".");
      const Value plain = lowering.plain(inputs[0]);
      return {lowering.add1(
          make_masked_batch_normalization_kernel(options, lowering.type(plain), lowering.type(mask), lowering.grain()),
          {plain, mask}, names)};
    }
    return {lowering.add1(make_batch_normalization_kernel(options, lowering.type(value), lowering.grain()), {value},
                          names)};
  }

 private:
  const Spec& spec(std::string_view key) const {
    for (const auto& [name, spec] : specs_)
      if (name == key) return spec;
    fail(kName, "no such argument. Got ", key, ".");
  }

  int64_t axis_ = -1, ghost_ = 0;
  double momentum_ = 0.99, epsilon_ = 1e-3;
  bool center_ = true, scale_ = true, synchronized_ = false;
  std::vector<std::pair<std::string, Spec>> specs_;  // in Keras's order
};

const RegisterLayer<BatchNormalizationLayer> registered{
    "BatchNormalization",
    {},
    {Config(Config::Object{}), Config::object({{"momentum", 0.9}, {"epsilon", 1e-5}, {"scale", false}}),
     Config::object({{"ghost_batch_size", 2}}), Config::object({{"axis", 1}, {"center", false}})}};

}  // namespace
}  // namespace batchwise
