// Recurrent layers in ONNX operators, whose gates lie in another order.
#include <algorithm>
#include <map>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

struct Run {
  std::string sequence;             // (batch, steps, units), in the order of the steps
  std::vector<std::string> states;  // (batch, units) each
};

// How one kind of layer is said: the operator and where its gates lie among Keras's.
struct Kind {
  std::string type;
  std::vector<int> gates;
};

const Kind& kind_of(const std::string& name, const std::string& where) {
  static const std::map<std::string, Kind> kinds{
      {"SimpleRNN", {"RNN", {0}}}, {"GRU", {"GRU", {0, 1, 2}}}, {"LSTM", {"LSTM", {0, 3, 1, 2}}}};
  const auto it = kinds.find(name);
  require(it != kinds.end(), where, "the recurrent layer must be SimpleRNN, GRU or LSTM to be exported to ONNX. Got ",
          name, ".");
  return it->second;
}

const Variable* weight_of(const Layer& layer, const std::string& name) {
  for (const auto& weight : layer.weights())
    if (weight->spec.name == name || weight->spec.name.ends_with("/" + name)) return weight.get();
  return nullptr;
}

// Keras's (rows, gates * units) as ONNX's (1, gates * units, rows) in its order of gates.
std::vector<float> turned(std::span<const float> values, int64_t rows, int64_t units, const std::vector<int>& gates) {
  const int64_t columns = units * static_cast<int64_t>(gates.size());
  std::vector<float> out(static_cast<size_t>(rows * columns));
  for (size_t g = 0; g < gates.size(); ++g)
    for (int64_t u = 0; u < units; ++u)
      for (int64_t r = 0; r < rows; ++r)
        out[static_cast<size_t>((static_cast<int64_t>(g) * units + u) * rows + r)] =
            values[static_cast<size_t>(r * columns + gates[g] * units + u)];
  return out;
}

// Each operator has activations that it is usually given; others are refused.
void require_usual(const Config& config, const char* key, const char* usual, const std::string& where) {
  const Spec spec = spec_of(config.at(key), where);
  require(spec == Spec(usual), where, key, " must be ", usual, " to be exported to ONNX. Got ", config.at(key).text(),
          ".");
}

struct Recurrence {
  OnnxGraph& graph;
  const Layer& layer;
  const Config config;
  const std::string where;
  const Kind& kind;
  int64_t units = 0;

  Recurrence(OnnxGraph& out, const Layer& of, const std::string& at)
      : graph(out), layer(of), config(of.config()), where(at), kind(kind_of(std::string(of.class_name()), at)) {
    units = config.at("units").as_int(where);
    require(!config.get("stateful", false), where, "stateful cannot be exported to ONNX. Got true.");
  }

  std::string weight(const char* name) {
    const Variable* variable = weight_of(layer, name);
    require(variable != nullptr, where, "the layer must have the weight ", name, ". Got none.");
    const int64_t rows = variable->spec.shape[0];
    const int64_t columns = units * static_cast<int64_t>(kind.gates.size());
    return graph.floats(variable->path, {1, columns, rows}, turned(variable->value, rows, units, kind.gates));
  }

  // Biases of the input, then of the state.
  std::string bias() {
    const Variable* variable = weight_of(layer, "bias");
    if (!variable) return "";
    const int64_t columns = units * static_cast<int64_t>(kind.gates.size());
    std::vector<float> both =
        turned(std::span(variable->value).subspan(0, static_cast<size_t>(columns)), 1, units, kind.gates);
    std::vector<float> second(static_cast<size_t>(columns), 0.0f);
    if (variable->spec.shape.rank() == 2)
      second = turned(std::span(variable->value).subspan(static_cast<size_t>(columns)), 1, units, kind.gates);
    both.insert(both.end(), second.begin(), second.end());
    return graph.floats(variable->path, {1, 2 * columns}, both);
  }

  Run run(const std::string& x, std::vector<std::string> initial, bool reverse) {
    const bool lstm = kind.type == "LSTM";
    require_usual(config, "activation", "tanh", where);
    if (kind.type != "RNN") require_usual(config, "recurrent_activation", "sigmoid", where);
    std::vector<std::string> inputs{graph.node("Transpose", {x}, {{"perm", std::vector<int64_t>{1, 0, 2}}}),
                                    weight("kernel"), weight("recurrent_kernel"), bias(), ""};
    for (const std::string& state : initial) inputs.push_back(graph.node("Unsqueeze", {state, graph.integers({0})}));
    while (!inputs.empty() && inputs.back().empty()) inputs.pop_back();
    std::vector<OnnxAttribute> attributes{{"hidden_size", units},
                                          {"direction", std::string(reverse ? "reverse" : "forward")}};
    if (kind.type == "GRU")
      attributes.push_back({"linear_before_reset", config.get("reset_after", true) ? int64_t{1} : int64_t{0}});
    const std::vector<std::string> made = graph.nodes(kind.type, inputs, attributes, lstm ? 3 : 2);
    Run out;
    out.sequence = graph.node("Transpose", {graph.node("Squeeze", {made[0], graph.integers({1})})},
                              {{"perm", std::vector<int64_t>{1, 0, 2}}});
    for (size_t i = 1; i < made.size(); ++i)
      out.states.push_back(graph.node("Squeeze", {made[i], graph.integers({0})}));
    return out;
  }
};

std::vector<std::string> initial_states(const OnnxCall& call) {
  std::vector<std::string> states;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.form.role(i) == "initial_state") states.push_back(call.inputs[i]);
    else require(i == 0, call.where(), "only initial_state can be exported to ONNX. Got ", call.form.role(i), ".");
  }
  return states;
}

std::vector<std::string> recurrent(const OnnxCall& call) {
  Recurrence recurrence(call.graph, call.layer, call.where());
  const bool sequences = call.config.get("return_sequences", false), backwards = call.config.get("go_backwards", false);
  require(!(sequences && backwards), call.where(),
          "go_backwards with return_sequences cannot be exported to ONNX. Got both.");
  const Run run = recurrence.run(call.inputs[0], initial_states(call), backwards);
  std::vector<std::string> outputs{sequences ? run.sequence : run.states[0]};
  if (call.config.get("return_state", false)) outputs.insert(outputs.end(), run.states.begin(), run.states.end());
  return outputs;
}

std::vector<std::string> bidirectional(const OnnxCall& call) {
  require(call.inputs.size() == 1, call.where(), "initial states cannot be exported to ONNX here. Got some.");
  const std::vector<Part> parts = call.layer.parts();
  require(parts.size() == 2, call.where(), "the layer must have two directions. Got ", parts.size(), ".");
  std::vector<std::string> ways;
  for (const Part& part : parts) {
    Recurrence recurrence(call.graph, *part.layer, call.where());
    require(!recurrence.config.get("return_state", false), call.where(),
            "return_state cannot be exported to ONNX here. Got true.");
    const bool backwards = recurrence.config.get("go_backwards", false);
    const bool sequences = recurrence.config.get("return_sequences", false);
    // ONNX gives a reversed direction in the order of the input, as Keras does for the second one alone.
    require(!(ways.empty() && backwards && sequences), call.where(),
            "a forward layer with go_backwards and return_sequences cannot be exported to ONNX. Got one.");
    const Run run = recurrence.run(call.inputs[0], {}, backwards);
    ways.push_back(sequences ? run.sequence : run.states[0]);
  }
  const Config* mode = call.config.find("merge_mode");
  const std::string merge = mode && mode->is_string() ? mode->as_string() : "";
  if (merge == "concat") return {call.graph.node("Concat", ways, {{"axis", int64_t{-1}}})};
  if (merge == "sum") return {call.graph.node("Add", ways)};
  if (merge == "mul") return {call.graph.node("Mul", ways)};
  if (merge == "ave") return {call.graph.node("Mul", {call.graph.node("Add", ways), call.graph.number(0.5f)})};
  return ways;
}

const RegisterOnnxRule one_way{{"SimpleRNN", "GRU", "LSTM"}, recurrent};
const RegisterOnnxRule two_ways{{"Bidirectional"}, bidirectional};

}  // namespace
}  // namespace batchwise
