// Recurrent layers: arguments of the sequence, masks, states; the cell does the work.
#include "layers/recurrent_layer.h"

#include <algorithm>

#include "kernels/activity_penalty.h"
#include "layers/arguments.h"
#include "layers/part_config.h"
#include "layers/stated_mask.h"

namespace batchwise {
namespace {

constexpr std::string_view kOwn[] = {
    "return_sequences", "return_state",         "go_backwards", "stateful",
    "unroll",           "zero_output_for_mask", "use_cudnn",    "activity_regularizer"};

bool is_own(std::string_view key) { return std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn); }

std::shared_ptr<RecurrentCell> stated_cell(std::string_view layer, const Config& config) {
  require_known_keys(layer, config,
                     {"cell", "return_sequences", "return_state", "go_backwards", "stateful", "unroll",
                      "zero_output_for_mask", "activity_regularizer"});
  Config stated = config.at("cell");
  if (stated.is_list()) stated = config_of(Spec("StackedRNNCells", Config::object({{"cells", stated}})));
  const std::shared_ptr<Layer> made = make_part(stated, layer);
  auto cell = std::dynamic_pointer_cast<RecurrentCell>(made);
  require(cell != nullptr, layer, "cell must be a recurrent cell. Got ", made->class_name(), ".");
  return cell;
}

}  // namespace

Config RecurrentLayer::cell_arguments(const Config& config) {
  Config arguments = Config(Config::Object{});
  for (const auto& [key, value] : config.as_object("config"))
    if (!is_own(key)) arguments.set(key, value);
  return arguments;
}

RecurrentLayer::RecurrentLayer(std::string_view class_name, const Config& config,
                               std::shared_ptr<RecurrentCell> own_cell)
    : RecurrentLayer(class_name, config, std::move(own_cell), true) {}

RecurrentLayer::RecurrentLayer(std::string_view class_name, const Config& config)
    : RecurrentLayer(class_name, config, stated_cell(class_name, config), false) {}

RecurrentLayer::RecurrentLayer(std::string_view class_name, const Config& config, std::shared_ptr<RecurrentCell> cell,
                               bool own)
    : class_name_(class_name), own_cell_(own), cell_(std::move(cell)) {
  call_ = {config.get("return_sequences", false), config.get("return_state", false), config.get("go_backwards", false),
           config.get("zero_output_for_mask", false)};
  unroll_ = config.get("unroll", false);
  require(!config.get("stateful", false), class_name,
          "stateful must be false: what a sample gives must not depend on the batch before. Got true. Return the "
          "states and hand them over as initial_state instead.");
  if (const Config* regularizer = config.find("activity_regularizer"); regularizer && !regularizer->is_null()) {
    activity_regularizer_ = spec_of(*regularizer, class_name_ + ".activity_regularizer");
    check_activity_regularizer(activity_regularizer_, class_name);
  }
}

Config RecurrentLayer::config() const {
  Config config = Config::object({{"return_sequences", call_.sequences},
                                  {"return_state", call_.states},
                                  {"go_backwards", call_.backwards},
                                  {"stateful", false},
                                  {"unroll", unroll_},
                                  {"zero_output_for_mask", call_.zero_masked}});
  if (own_cell_) {
    const Config arguments = cell_->config();
    for (const auto& [key, value] : arguments.as_object()) config.set(key, value);
    config.set("activity_regularizer", config_of(activity_regularizer_));
  } else {
    if (!activity_regularizer_.empty()) config.set("activity_regularizer", config_of(activity_regularizer_));
    config.set("cell", part_config(*cell_));
  }
  return config;
}

Shapes RecurrentLayer::call_shapes(const Shapes& inputs, const CallForm& form) const {
  require(!inputs.empty() && inputs[0].rank() >= 2, class_name_,
          "each sample must have shape (steps, features) or more. Got ", inputs.empty() ? Shape() : inputs[0], ".");
  const Shape &sequence = inputs[0], step = sequence.without_batch();
  require(sequence[0] > 0, class_name_, "a sequence must have one step or more. Got ", sequence, ".");
  if (form.roles.empty())
    require(inputs.size() == 1, class_name_, "the states are the argument initial_state. Got ", inputs.size(),
            " tensors as the first argument.");
  for (size_t i = 0; i < inputs.size() && !form.roles.empty(); ++i) {
    const std::string& role = form.role(i);
    require(i == 0 ? role.empty() : role == "initial_state" || role == "1", class_name_,
            "the layer takes a sequence and initial_state. Got a tensor as the argument ", role, ".");
  }
  for (const auto& [name, value] : form.arguments.as_object())
    require(value.is_null(), class_name_, "the layer takes tensors alone. Got ", name, " = ", value.text(), ".");
  Shape output = cell_->output_shape(step);
  const Shapes states = cell_->state_shapes(step);
  check_states(class_name_, std::span(inputs).subspan(1), states);
  if (call_.sequences) output = output.with_batch(sequence[0]);
  Shapes all{output};
  if (call_.states) all.insert(all.end(), states.begin(), states.end());
  return all;
}

void RecurrentLayer::build_parts(const Shapes& inputs, const CallForm&) { cell_->build({inputs[0].without_batch()}); }

std::vector<Value> RecurrentLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value mask = lowering.mask(inputs[0]);
  // Keras hands the mask of a tensor over to layers that are called on it alone: given initial states, steps are left
  // out only where the call states a mask.
  const bool masked = inputs.size() == 1 || states_mask(lowering.call_form());
  if (!masked) lowering.set_mask(inputs[0], {});
  std::vector<Value> outputs =
      lowering.lower_part(*cell_, {inputs.begin(), inputs.end()}, call_.form(inputs.size() - 1));
  if (!masked) lowering.set_mask(inputs[0], mask);
  outputs = lower_activity_penalty(lowering, outputs, activity_regularizer_);
  lowering.set_mask(outputs[0], call_.sequences ? mask : Value{});
  for (size_t i = 1; i < outputs.size(); ++i) lowering.set_mask(outputs[i], {});
  return outputs;
}

}  // namespace batchwise
