// The session of an evaluation or a prediction.
#include "training/inference/inference_session.h"

#include "model/held_weights.h"

namespace batchwise {

std::unique_ptr<Session> inference_session(const Model& model, const Samples& samples, const InferenceRequest& asked,
                                           const Observers& observers) {
  const Dataset& data = samples.rows();
  const bool objectives = asked.batch > 0;
  check_columns(model, data, objectives);
  WeightsHold hold(model, objectives ? "evaluate" : "predict");  // nobody else looks at them from here on
  require(model.initialized(), objectives ? "evaluate" : "predict",
          "the model must have weights: fit it, load it or call initialize(seed).");
  if (!asked.allow_nan) require_finite_weights(model);
  SessionRequest request;
  request.inference = true;
  request.objectives = objectives;
  request.inference_batch = asked.batch;
  request.prediction_samples = asked.samples;
  request.budget = asked.memory;
  request.lanes = asked.lanes;
  request.data = data;
  request.pipeline_bytes = samples.resident_bytes();
  request.pipeline_ahead = samples.ahead_bytes();
  auto blueprint = std::make_unique<Blueprint>(model, std::move(request));
  observers.each([&](Callback& c) { c.on_plan(blueprint->plan()); });
  return std::make_unique<Session>(model, std::move(blueprint), 0, asked.allow_nan, std::move(hold));
}

}  // namespace batchwise
