// ConvLSTM's cell: arguments of the convolution, shapes, and the kernel that goes over all steps.
#include "layers/conv_lstm_cell.h"

#include <algorithm>

#include "layers/arguments.h"

namespace batchwise {

ConvLstmCell::ConvLstmCell(int rank, std::string_view where, const Config& config)
    : rank_(rank),
      where_(where),
      filters_(config.at("filters").as_int(std::string(where) + ".filters")),
      kernel_size_(config.get_ints("kernel_size", rank, 0)),
      strides_(config.get_ints("strides", rank, 1)),
      dilation_rate_(config.get_ints("dilation_rate", rank, 1)),
      padding_(config.get("padding", "valid")),
      arguments_(where, config, Cell::Lstm) {
  require_known_keys(where, config,
                     {"filters",
                      "kernel_size",
                      "strides",
                      "padding",
                      "data_format",
                      "dilation_rate",
                      "activation",
                      "recurrent_activation",
                      "use_bias",
                      "kernel_initializer",
                      "recurrent_initializer",
                      "bias_initializer",
                      "unit_forget_bias",
                      "kernel_regularizer",
                      "recurrent_regularizer",
                      "bias_regularizer",
                      "kernel_constraint",
                      "recurrent_constraint",
                      "bias_constraint",
                      "dropout",
                      "recurrent_dropout",
                      "seed"});
  require_channels_last(where, config);
  std::transform(padding_.begin(), padding_.end(), padding_.begin(), [](unsigned char c) { return std::tolower(c); });
  require(padding_ == "valid" || padding_ == "same", where, "padding must be \"valid\" or \"same\". Got \"", padding_,
          "\".");
  require(filters_ > 0, where, "filters must be positive. Got ", filters_, ".");
  for (const auto& [name, values] : {std::pair{"kernel_size", &kernel_size_}, std::pair{"strides", &strides_},
                                     std::pair{"dilation_rate", &dilation_rate_}})
    for (const int64_t value : *values) require(value > 0, where, name, " must be positive. Got ", value, ".");
  require(*std::max_element(strides_.begin(), strides_.end()) == 1 ||
              *std::max_element(dilation_rate_.begin(), dilation_rate_.end()) == 1,
          where, "strides and dilation_rate must not both be greater than 1. Got both.");
}

Config ConvLstmCell::config() const {
  Config config = Config::object({{"filters", filters_},
                                  {"kernel_size", Config(kernel_size_)},
                                  {"strides", Config(strides_)},
                                  {"padding", padding_},
                                  {"data_format", "channels_last"},
                                  {"dilation_rate", Config(dilation_rate_)}});
  arguments_.append_to(config, Cell::Lstm);
  return config;
}

ConvAxes ConvLstmCell::input_axes(const Shape& step) const {
  ConvAxes axes;
  for (int i = 0; i < rank_; ++i) {
    ConvAxis& axis = axes[static_cast<size_t>(3 - rank_ + i)];
    const auto at = static_cast<size_t>(i);
    axis.input = step[i];
    axis.kernel = kernel_size_[at];
    axis.stride = strides_[at];
    axis.dilation = dilation_rate_[at];
    const int64_t window = (axis.kernel - 1) * axis.dilation + 1;
    axis.output = padding_ == "same" ? (axis.input + axis.stride - 1) / axis.stride
                                     : (axis.input - window + axis.stride) / axis.stride;
    require(axis.output > 0 && axis.input >= (padding_ == "same" ? 1 : window), where_,
            "the window must fit into the image. Got ", step, ".");
    if (padding_ == "same") axis.before = std::max<int64_t>(0, axis.padded() - axis.input) / 2;
  }
  return axes;
}

ConvAxes ConvLstmCell::state_axes(const Shape& state) const {
  ConvAxes axes;
  for (int i = 0; i < rank_; ++i) {
    ConvAxis& axis = axes[static_cast<size_t>(3 - rank_ + i)];
    axis.input = axis.output = state[i];
    axis.kernel = kernel_size_[static_cast<size_t>(i)];
    axis.before = (axis.kernel - 1) / 2;
  }
  return axes;
}

Shape ConvLstmCell::output_shape(const Shape& step) const {
  require(step.rank() == rank_ + 1 && step.back() > 0, where_, "each step must be an image of ", rank_,
          " axes and channels. Got ", step, ".");
  const ConvAxes axes = input_axes(step);
  Shape shape = step;
  for (int i = 0; i < rank_; ++i) shape[i] = axes[static_cast<size_t>(3 - rank_ + i)].output;
  shape[-1] = filters_;
  return shape;
}

Shape ConvLstmCell::kernel_shape(int64_t inputs) const {
  std::vector<int64_t> dims = kernel_size_;
  dims.insert(dims.end(), {inputs, 4 * filters_});
  return Shape(dims);
}

std::vector<VariableSpec> ConvLstmCell::variables(const Shapes& inputs) const {
  return arguments_.variables(kernel_shape(inputs[0].back()), kernel_shape(filters_), {4 * filters_});
}

std::vector<Value> ConvLstmCell::lower_sequence(Lowering& lowering, Value sequence, std::span<const Value> states,
                                                const SequenceCall& call) const {
  const Value mask = lowering.mask(sequence), plain = lowering.plain(sequence);
  RecurrenceOptions options = arguments_.recurrence(lowering, plain, mask, states);
  const Shape step = options.input.shape.without_batch();
  options.cell = Cell::Lstm;
  options.state = output_shape(step);
  options.sequences = call.sequences;
  options.states = call.states;
  options.backwards = call.backwards;
  options.zero_masked = call.zero_masked;
  options.drop_by_gate = true;
  std::vector<Value> inputs{plain};
  if (mask.index >= 0) inputs.push_back(mask);
  inputs.insert(inputs.end(), states.begin(), states.end());
  return lowering.add(
      make_recurrence(
          options, [&](const StepLayout& layout) { return conv_input_map(layout, input_axes(step), step.back()); },
          [&](const StepLayout& layout) { return conv_state_map(layout, state_axes(options.state)); }),
      inputs, arguments_.names());
}

}  // namespace batchwise
