// Model::compile, and Model::plan: checking what a model is to be trained for, and saying what that takes.
#include "training/blueprint.h"
#include "training/pipeline_report.h"
#include "training/samples.h"

#include "model/held_weights.h"
#include "model/model_impl.h"

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

void Model::compile(const CompileOptions& options) {
  require_not_held(*this, "compile");
  require(options.losses.empty() || options.loss.empty(), "compile", "loss and losses cannot be given together.");
  require(options.metrics.empty() || options.output_metrics.empty(), "compile",
          "metrics and output_metrics cannot be given together.");
  const std::optional<CompileOptions> before = impl_->compiled;
  impl_->compiled = options;
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

Plan Model::plan(const PlanOptions& options) const {
  SessionRequest request;
  request.training = true;
  request.batch_size = options.batch_size;
  request.grain = options.grain;
  request.budget = options.memory;
  request.lanes = options.lanes;
  std::string words;
  if (options.data) {
    const Samples samples(*this, *options.data, options.batch_size);
    request.data = samples.rows();
    words = pipeline_words(samples);
    request.pipeline_bytes = samples.resident_bytes();
    request.pipeline_ahead = samples.ahead_bytes();
  }
  const Model sized = options.data ? for_data(request.data) : *this;
  Blueprint blueprint(sized, std::move(request));
  blueprint.explain(words);
  return blueprint.plan();
}

}  // namespace batchwise
