// Cells: one step is a sequence of length 1.
#include "layers/recurrent_cell.h"

#include "kernels/view.h"

namespace batchwise {
namespace {

constexpr const char* kKey = "sequence";  // no argument of Keras's

}  // namespace

CallForm SequenceCall::form(size_t initial_states) const {
  CallForm form;
  form.roles.assign(1 + initial_states, "states");
  form.roles[0] = "";
  form.arguments.set(
      kKey,
      Config::object(
          {{"sequences", sequences}, {"states", states}, {"backwards", backwards}, {"zero_masked", zero_masked}}));
  return form;
}

bool SequenceCall::stated(const CallForm& form) { return form.arguments.find(kKey) != nullptr; }

SequenceCall SequenceCall::of(const CallForm& form) {
  const Config& call = form.arguments.at(kKey);
  return {call.get("sequences", false), call.get("states", false), call.get("backwards", false),
          call.get("zero_masked", false)};
}

void check_states(std::string_view layer, std::span<const Shape> given, const Shapes& expected) {
  if (given.empty()) return;
  require(given.size() == expected.size(), layer, "the initial state must be ", expected.size(), " tensor(s). Got ",
          given.size(), ".");
  for (size_t i = 0; i < given.size(); ++i)
    require(given[i] == expected[i], layer, "initial state ", i, " must have the shape ", expected[i], ". Got ",
            given[i], ".");
}

Shapes RecurrentCell::output_shapes(const Shapes& inputs) const {
  require(inputs.size() == 1, class_name(), "the cell takes one step, and its states as the second argument. Got ",
          inputs.size(), " tensors as the first.");
  Shapes shapes{output_shape(inputs[0])};
  for (const Shape& state : state_shapes(inputs[0])) shapes.push_back(state);
  return shapes;
}

Shapes RecurrentCell::call_shapes(const Shapes& inputs, const CallForm& form) const {
  if (form.plain()) return output_shapes(inputs);
  for (size_t i = 1; i < inputs.size(); ++i)
    require(form.role(i) == "states" || form.role(i) == "1", class_name(),
            "the cell takes one step and states. Got a tensor as the argument ", form.role(i), ".");
  for (const auto& [name, value] : form.arguments.as_object())
    require(name == kKey || value.is_null(), class_name(), "the cell is called on one step and states. Got ", name,
            " = ", value.text(), ".");
  check_states(class_name(), std::span(inputs).subspan(1), state_shapes(inputs[0]));
  return output_shapes({inputs[0]});
}

std::vector<Value> RecurrentCell::lower(Lowering& lowering, std::span<const Value> inputs) const {
  if (SequenceCall::stated(lowering.call_form()))
    return lower_sequence(lowering, inputs[0], inputs.subspan(1), SequenceCall::of(lowering.call_form()));
  const Value step = lowering.plain(inputs[0]);
  const TensorType& type = lowering.type(step);
  const Value sequence = lowering.add1(make_view_kernel(type, type.shape.with_batch(1), lowering.grain()), {step});
  return lower_sequence(lowering, sequence, inputs.subspan(1), {.states = true});
}

}  // namespace batchwise
