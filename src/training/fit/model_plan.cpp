// Model::plan: what fit would decide, without its memory being taken.
#include "training/fit/model_plan.h"

#include "data/decoded_room.h"
#include "data/resident.h"
#include "training/memory/process_bytes.h"
#include "training/samples/pipeline_report.h"
#include "training/samples/samples.h"
#include "training/session/blueprint.h"

namespace batchwise {
namespace {

SessionRequest request_of(const PlanOptions& options, const Samples& samples) {
  SessionRequest request;
  request.training = true;
  request.noise_scale = true;  // as fit does unless told otherwise
  request.promise = !OneMeasure::alive();
  request.batch_size = options.batch_size;
  request.grain = options.grain;
  request.budget = options.memory;
  request.lanes = options.lanes;
  request.data = samples.rows();
  request.pipeline_bytes = samples.resident_bytes();
  request.pipeline_ahead = samples.ahead_bytes();
  return request;
}

Plan made(const Model& model, const PlanOptions& options, const Samples& samples, bool holds) {
  const Model sized = samples.empty() ? model : model.for_data(samples.rows());
  Blueprint blueprint(sized, request_of(options, samples));
  blueprint.explain(pipeline_words(samples));
  const Plan& plan = blueprint.plan();
  const Dataset& rows = samples.rows();
  if (!holds || samples.empty()) return plan;
  SessionRequest request = request_of(options, samples);
  const bool resident = !samples.streamed() && worth_holding(rows) &&
                        room_to_hold(stored_bytes(rows), plan.peak_bytes, plan.budget_bytes);
  if (resident) request.pipeline_bytes = request.pipeline_spare = stored_bytes(rows);
  DecodedRoom decoded(room_for_decoded(plan.peak_bytes, plan.budget_bytes, options.memory > 0), samples.count());
  samples.hold_decoded(decoded);
  request.pipeline_bytes += decoded.bytes();
  request.pipeline_spare += decoded.bytes();
  if (request.pipeline_spare == 0) return plan;
  request.library = blueprint.library();
  try {
    Blueprint held(sized, std::move(request));
    held.explain(pipeline_words(samples));
    held.explain(decoded_words(decoded));
    return held.plan();
  } catch (const BudgetError&) { return plan; }
}

}  // namespace

Plan plan_of(const Model& model, const PlanOptions& options, bool holds) {
  if (!options.data) return made(model, options, Samples(), holds);
  Samples samples(model, *options.data, options.batch_size, true);
  try {
    return made(model, options, samples, holds);
  } catch (const BudgetError&) {  // as fit does
    if (!samples.reads_ahead()) throw;
  }
  return made(model, options, samples.with_buffers(options.batch_size, false), holds);
}

Plan Model::plan(const PlanOptions& options) const { return plan_of(*this, options, true); }

}  // namespace batchwise
