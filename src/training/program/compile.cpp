// Model::compile: checking what a model is to be trained for.
#include <algorithm>

#include <batchwise/optimizer.h>

#include "model/held_weights.h"
#include "model/model_impl.h"
#include "training/program/objective.h"

namespace batchwise {
namespace {

// The model with some size wherever an Input leaves it open: whether losses and metrics fit does not depend on which.
Model tried(const Model& model) {
  Shapes shapes;
  bool open = false;
  for (const Symbol& input : model.inputs()) {
    open = open || !input.shape().known();
    shapes.push_back(input.shape().known() ? input.shape() : input.node()->tried[0].front());
  }
  return open ? model.for_shapes(shapes) : model;
}

}  // namespace

namespace {

// Lists by name become lists by the outputs' order.
template <class T>
void by_order(const std::vector<std::string>& outputs, std::map<std::string, T>& by_name, std::vector<T>& list,
              const T& otherwise, const char* what) {
  if (by_name.empty()) return;
  require(list.empty(), "compile", what, " cannot be given by name and by order together.");
  for (const auto& [name, value] : by_name)
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) {
      const std::string near = nearest_name(name, outputs);
      fail("compile", what, " must be given for outputs of the model. Got \"", name, "\".",
           near.empty() ? "" : " Did you mean \"" + near + "\"?");
    }
  for (const std::string& output : outputs) {
    const auto entry = by_name.find(output);
    list.push_back(entry == by_name.end() ? otherwise : entry->second);
  }
  by_name.clear();
}

void one_of(bool first, bool second, const char* what) {
  require(!first || !second, "compile", what, " cannot be given together.");
}

CompileOptions in_order(const Model& model, CompileOptions options) {
  const std::vector<std::string> outputs = model.output_names();
  if (!options.loss_by_output.empty())
    for (const std::string& output : outputs)
      require(options.loss_by_output.count(output), "compile", "losses by name must name every output. Got none for \"",
              output, "\": an empty one says that it has none.");
  by_order(outputs, options.loss_by_output, options.losses, {}, "losses");
  by_order(outputs, options.loss_weight_by_output, options.loss_weights, 1.0, "loss weights");
  by_order(outputs, options.metrics_by_output, options.output_metrics, {}, "metrics");
  by_order(outputs, options.weighted_metrics_by_output, options.output_weighted_metrics, {}, "weighted metrics");
  one_of(!options.losses.empty(), !options.loss.empty(), "a loss for all outputs and losses of each");
  one_of(!options.metrics.empty(), !options.output_metrics.empty(), "metrics for all outputs and those of each");
  one_of(!options.weighted_metrics.empty(), !options.output_weighted_metrics.empty(),
         "weighted metrics for all outputs and those of each");
  return options;
}

}  // namespace

void Model::compile(const CompileOptions& options) {
  require_not_held(*this, "compile");
  const std::optional<CompileOptions> before = impl_->compiled;
  impl_->compiled = in_order(*this, options);
  try {
    make_optimizer(options.optimizer);
    Objectives(tried(*this), {});
  } catch (...) {
    impl_->compiled = before;
    throw;
  }
  // As in Keras, a compiled model begins with a new optimizer. Where dropout draws from goes on.
  const uint64_t samples = optimizer_state().samples;
  optimizer_state() = {};
  optimizer_state().samples = samples;
}

}  // namespace batchwise
