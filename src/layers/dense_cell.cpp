// Dense cells: arguments, weights, and the kernel that goes over all steps.
#include "layers/dense_cell.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

Cell cell_of(std::string_view class_name, const Config& config) {
  if (class_name == "SimpleRNNCell") return Cell::SimpleRnn;
  if (class_name == "LSTMCell") return Cell::Lstm;
  return config.get("reset_after", true) ? Cell::Gru : Cell::GruResetBefore;
}

bool is_gru(Cell cell) { return cell == Cell::Gru || cell == Cell::GruResetBefore; }

int64_t units_of(std::string_view where, const Config& config, Cell cell) {
  Config rest = config;
  if (cell != Cell::SimpleRnn)
    for (const char* key : {"recurrent_activation", "implementation"}) rest.erase(key);
  if (cell == Cell::Lstm) rest.erase("unit_forget_bias");
  if (is_gru(cell)) rest.erase("reset_after");
  require_known_keys(
      where, rest,
      {"units", "activation", "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer",
       "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint", "recurrent_constraint",
       "bias_constraint", "dropout", "recurrent_dropout", "seed"});
  const int64_t units = config.at("units").as_int(std::string(where) + ".units");
  require(units > 0, where, "units must be positive. Got ", units, ".");
  return units;
}

}  // namespace

DenseCell::DenseCell(std::string_view class_name, std::string_view where, const Config& config)
    : class_name_(class_name),
      cell_(cell_of(class_name, config)),
      units_(units_of(where, config, cell_)),
      implementation_(config.get("implementation", 2)),
      arguments_(where, config, cell_) {
  require(implementation_ == 1 || implementation_ == 2, where, "implementation must be 1 or 2. Got ", implementation_,
          ".");
}

Config DenseCell::config() const {
  Config config = Config::object({{"units", units_}});
  arguments_.append_to(config, cell_);
  if (is_gru(cell_)) config.set("reset_after", cell_ == Cell::Gru);
  if (implementation_ == 1) config.set("implementation", implementation_);
  return config;
}

Shapes DenseCell::state_shapes(const Shape&) const { return Shapes(cell_ == Cell::Lstm ? 2 : 1, Shape{units_}); }

Shape DenseCell::output_shape(const Shape& step) const {
  require(step.rank() == 1 && step[0] > 0, class_name_, "each step must be a vector of one value or more. Got ", step,
          ".");
  return {units_};
}

std::vector<VariableSpec> DenseCell::variables(const Shapes& inputs) const {
  const int64_t all = gates_of(cell_) * units_;
  return arguments_.variables({inputs[0].back(), all}, {units_, all}, cell_ == Cell::Gru ? Shape{2, all} : Shape{all});
}

std::vector<Value> DenseCell::lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                             const SequenceCall& call) const {
  const Value mask = lowering.mask(sequence), plain = lowering.plain(sequence);
  RecurrenceOptions options = arguments_.recurrence(lowering, plain, mask, states);
  options.cell = cell_;
  options.state = {units_};
  options.sequences = call.sequences;
  options.states = call.states;
  options.backwards = call.backwards;
  options.zero_masked = call.zero_masked;
  // Keras takes implementation 1 where the state is dropped.
  options.drop_by_gate = cell_ != Cell::SimpleRnn && (implementation_ == 1 || arguments_.recurrent_dropout > 0);
  std::vector<Value> inputs{plain};
  if (mask.index >= 0) inputs.push_back(mask);
  inputs.insert(inputs.end(), states.begin(), states.end());
  const int64_t features = options.input.shape.back();
  return lowering.add(
      make_recurrence(
          options, [&](const StepLayout& layout) { return dense_input_map(layout, features); }, dense_state_map),
      inputs, arguments_.names());
}

}  // namespace batchwise
