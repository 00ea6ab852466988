// Bidirectional: a recurrent layer over a sequence, and another one over it from its end.
#include "kernels/concatenate.h"
#include "kernels/reverse.h"
#include "layers/arguments.h"
#include "layers/part_config.h"
#include "layers/recurrent_layer.h"

namespace batchwise {
namespace {

constexpr const char* kName = "Bidirectional";

std::shared_ptr<RecurrentLayer> make_direction(const Config& stated, const char* key) {
  const std::shared_ptr<Layer> made = make_part(stated, kName);
  auto layer = std::dynamic_pointer_cast<RecurrentLayer>(made);
  require(layer != nullptr, kName, key, " must be a recurrent layer. Got ", made->class_name(), ".");
  return layer;
}

std::string prefixed(const std::string& prefix, const std::string& name) {
  return name.empty() || name.starts_with(prefix) ? name : prefix + name;
}

class BidirectionalLayer final : public Layer {
 public:
  explicit BidirectionalLayer(const Config& config) {
    require_known_keys(kName, config, {"layer", "backward_layer", "merge_mode"});
    if (const Config* mode = config.find("merge_mode")) merge_mode_ = mode->is_null() ? "" : mode->as_string(kName);
    require(merge_mode_.empty() || merge_mode_ == "concat" || merge_mode_ == "sum" || merge_mode_ == "ave" ||
                merge_mode_ == "mul",
            kName, "merge_mode must be concat, sum, ave, mul or null. Got \"", merge_mode_, "\".");
    forward_ = make_direction(config.at("layer"), "layer");
    const Config* stated = config.find("backward_layer");
    if (stated && !stated->is_null()) {
      backward_ = make_direction(*stated, "backward_layer");
    } else {
      backward_ = make_direction(config.at("layer"), "layer");
      backward_->set_backwards(true);
      backward_->set_name(prefixed("backward_", backward_->name()));
    }
    forward_->set_name(prefixed("forward_", forward_->name()));
    require(forward_->backwards() != backward_->backwards(), kName,
            "the two layers must go in different directions. Got go_backwards = ", forward_->backwards(), " for both.");
    require(forward_->returns_sequences() == backward_->returns_sequences() &&
                forward_->returns_states() == backward_->returns_states(),
            kName, "return_sequences and return_state must be those of both layers. Got different ones.");
    for (const auto& layer : {forward_, backward_}) layer->set_zero_masked(layer->returns_sequences());
  }

  std::string_view class_name() const override { return kName; }
  Config config() const override {
    return Config::object({{"merge_mode", merge_mode_.empty() ? Config() : Config(merge_mode_)},
                           {"layer", part_config(*forward_)},
                           {"backward_layer", part_config(*backward_)}});
  }

  Shapes output_shapes(const Shapes& inputs) const override { return call_shapes(inputs, {}); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    require(inputs.size() % 2 == 1, kName, "the initial state must be that of both layers. Got ", inputs.size() - 1,
            " tensor(s).");
    Shapes shapes = forward_->call_shapes(of_direction(inputs, false), of_direction(form, inputs.size()));
    const Shapes back = backward_->call_shapes(of_direction(inputs, true), of_direction(form, inputs.size()));
    if (merge_mode_.empty()) shapes.insert(shapes.begin() + 1, back[0]);
    else if (merge_mode_ == "concat") shapes[0][-1] += back[0].back();
    else
      require(shapes[0] == back[0], kName, "outputs that are merged must have one shape. Got ", shapes[0], " and ",
              back[0], ".");
    shapes.insert(shapes.end(), back.begin() + 1, back.end());
    return shapes;
  }
  std::vector<VariableSpec> call_variables(const Shapes&, const CallForm&) const override { return {}; }
  double weight_uses(const Shapes& inputs, const Shapes&) const override {
    return RecurrentLayer::rows_of_steps(inputs);
  }
  std::vector<Part> parts() const override { return {{"forward_layer", forward_}, {"backward_layer", backward_}}; }
  void build_parts(const Shapes& inputs, const CallForm& form) override {
    forward_->build(of_direction(inputs, false), of_direction(form, inputs.size()));
    backward_->build(of_direction(inputs, true), of_direction(form, inputs.size()));
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const std::vector<Value> all(inputs.begin(), inputs.end());
    const Value mask = lowering.mask(inputs[0]);
    const CallForm form = of_direction(lowering.call_form(), inputs.size());
    std::vector<Value> outputs = lowering.lower_part(*forward_, of_direction(all, false), form);
    std::vector<Value> back = lowering.lower_part(*backward_, of_direction(all, true), form);
    const bool sequences = forward_->returns_sequences();
    if (sequences) back[0] = lowering.add1(make_reverse_kernel(lowering.type(back[0]), lowering.grain()), {back[0]});
    if (merge_mode_.empty()) outputs.insert(outputs.begin() + 1, back[0]);
    else outputs[0] = merge(lowering, outputs[0], back[0]);
    for (size_t i = 0; i < (merge_mode_.empty() ? 2u : 1u); ++i)
      lowering.set_mask(outputs[i], sequences ? mask : Value{});
    outputs.insert(outputs.end(), back.begin() + 1, back.end());
    return outputs;
  }

 private:
  // The sequence, and half of the states.
  template <class T>
  static std::vector<T> of_direction(const std::vector<T>& inputs, bool backwards) {
    const auto half = static_cast<int64_t>(inputs.size() / 2);
    std::vector<T> own{inputs.at(0)};
    const auto first = inputs.begin() + 1 + (backwards ? half : 0);
    own.insert(own.end(), first, first + half);
    return own;
  }
  static CallForm of_direction(const CallForm& form, size_t inputs) {
    CallForm own = form;
    if (!own.roles.empty()) own.roles.resize(1 + inputs / 2);
    return own;
  }

  Value merge(Lowering& lowering, Value a, Value b) const {
    if (merge_mode_ == "concat") {
      const TensorType& type = lowering.type(a);
      return lowering.add1(make_concatenate_kernel({type, lowering.type(b)}, type.shape.rank() - 1, lowering.grain()),
                           {a, b});
    }
    const char* layer = merge_mode_ == "sum" ? "Add" : merge_mode_ == "mul" ? "Multiply" : "Average";
    return lowering.lower_part(*Registry<Layer>::instance().make(layer, kName), {a, b}).front();
  }

  std::shared_ptr<RecurrentLayer> forward_, backward_;
  std::string merge_mode_ = "concat";
};

Config example(const char* class_name, Config::Object arguments, Config merge_mode) {
  return Config::object(
      {{"layer", config_of(Spec(class_name, std::move(arguments)))}, {"merge_mode", std::move(merge_mode)}});
}

const RegisterLayer<BidirectionalLayer> registered{
    kName,
    {},
    {example("LSTM", {{"units", 4}}, "concat"), example("GRU", {{"units", 3}, {"return_sequences", true}}, "sum"),
     example("SimpleRNN", {{"units", 3}, {"return_sequences", true}, {"return_state", true}}, Config()),
     example("GRU", {{"units", 3}, {"return_sequences", true}}, "mul"), example("LSTM", {{"units", 3}}, "ave")}};

}  // namespace
}  // namespace batchwise
