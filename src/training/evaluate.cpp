// Model::evaluate and Model::predict: inference in slabs, whose results do not depend on how samples were grouped.
#include "model/held_weights.h"
#include "training/observers.h"
#include "training/session.h"

namespace batchwise {
namespace {

std::unique_ptr<Session> inference_session(const Model& model, const Dataset& data, int64_t memory, int lanes,
                                           bool allow_nan, bool objectives, const Observers& observers) {
  check_columns(model, data, objectives);
  require_not_held(model, objectives ? "evaluate" : "predict");
  require(model.initialized(), objectives ? "evaluate" : "predict",
          "the model must have weights: fit it, load it or call initialize(seed).");
  SessionRequest request;
  request.inference = true;
  request.objectives = objectives;
  request.budget = memory;
  request.lanes = lanes;
  request.data = data;
  request.pipeline_bytes = data.source().resident_bytes();
  auto blueprint = std::make_unique<Blueprint>(model, std::move(request));
  observers.each([&](Callback& c) { c.on_plan(blueprint->plan()); });
  return std::make_unique<Session>(model, std::move(blueprint), 0, allow_nan);
}

}  // namespace

Logs Model::evaluate(const Dataset& data, const EvaluateOptions& options) const {
  require(options.batch_size >= 0 && options.steps >= 0, "evaluate", "batch_size and steps must be 0 or more. Got ",
          options.batch_size, " and ", options.steps, ".");
  require(compiled().has_value(), "evaluate",
          "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
  const Model self = for_data(data);
  const Observers observers(options.callbacks, options.verbose);
  const auto session = inference_session(self, data, options.memory, options.lanes, options.allow_nan, true, observers);
  const int64_t batch = options.batch_size > 0 ? options.batch_size : 32;
  const int64_t samples = options.steps > 0 ? std::min(data.size(), options.steps * batch) : data.size();
  const RunFacts facts{1, (samples + batch - 1) / batch, samples, batch, options.verbose};
  observers.each([&](Callback& c) { c.on_test_begin(facts); });
  const Logs logs = session->objectives().logs(session->evaluate(data, samples, batch));
  observers.each([&](Callback& c) { c.on_test_end(logs); });
  session->finish();
  return logs;
}

Logs Model::evaluate(const Array& x, const Array& y, const EvaluateOptions& options) const {
  return evaluate(Dataset(x, y), options);
}

void Model::predict_each(const Dataset& data, const PredictSink& sink, const PredictOptions& options) const {
  const Model self = for_data(data);
  const Observers observers(options.callbacks, options.verbose);
  const auto session =
      inference_session(self, data, options.memory, options.lanes, options.allow_nan, false, observers);
  const int64_t slab = session->slab();
  for (int64_t first = 0; first < data.size(); first += slab) {
    const int64_t count = std::min(slab, data.size() - first);
    const auto predictions = session->predict(data, first, count);
    for (size_t o = 0; o < predictions.size(); ++o)
      sink(static_cast<int>(o), first,
           std::span<const float>(predictions[o], static_cast<size_t>(count * self.outputs()[o].shape().count())));
  }
  session->finish();
}

std::vector<Array> Model::predict_outputs(const Dataset& data, const PredictOptions& options) const {
  const Model self = for_data(data);
  std::vector<Array> results;
  for (const Symbol& output : self.outputs())
    results.emplace_back(DType::Float32, output.shape().with_batch(data.size()));
  predict_each(
      data,
      [&](int output, int64_t first, std::span<const float> values) {
        Array& to = results[static_cast<size_t>(output)];
        std::copy(values.begin(), values.end(),
                  to.data<float>() + first * self.outputs()[static_cast<size_t>(output)].shape().count());
      },
      options);
  return results;
}

Array Model::predict(const Dataset& data, const PredictOptions& options) const {
  require(outputs().size() == 1, "predict", "the model must have one output: use predict_outputs for more. Got ",
          outputs().size(), ".");
  return predict_outputs(data, options).front();
}

Array Model::predict(const Array& x, const PredictOptions& options) const { return predict(Dataset(x), options); }

}  // namespace batchwise
