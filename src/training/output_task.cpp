// What happens at an output of the model for one grain.
#include "training/output_task.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "plan/placement.h"

namespace batchwise {
namespace {

int64_t label_of(const float* target, int64_t count) {
  if (count == 1) return static_cast<int64_t>(std::lround(target[0]));
  return std::max_element(target, target + count) - target;
}

}  // namespace

OutputTask::OutputTask(const Objective& objective, int64_t elements, bool fused, const Shape& prediction, int output,
                       int64_t grain)
    : objective_(objective),
      elements_(elements),
      fused_(fused),
      prediction_(prediction),
      output_(output),
      grain_(grain) {}

int64_t OutputTask::scratch_bytes(const Dataset& data) const {
  if (!objective_.loss && objective_.metrics.empty()) return 0;
  const int64_t floats =
      aligned(grain_ * objective_.target_shape.count() * 4) + aligned(grain_ * 4) + 2 * aligned(grain_ * elements_ * 4);
  int64_t staging = 0;
  if (!data.empty()) {
    staging = staging_bytes(data.target(output_), DType::Float32, grain_);
    for (int w = 0; w < data.num_weights(); ++w)
      staging = std::max(
          staging,
          staging_bytes(data.source().columns()[static_cast<size_t>(data.num_inputs() + data.num_targets() + w)],
                        DType::Float32, grain_));
  }
  return floats + aligned(staging);
}

OutputTask::Scratch OutputTask::split(std::byte* memory) const {
  Scratch scratch;
  const auto take = [&](int64_t count) {
    float* at = reinterpret_cast<float*>(memory);
    memory += aligned(count * 4);
    return at;
  };
  scratch.targets = take(grain_ * objective_.target_shape.count());
  scratch.weights = take(grain_);
  scratch.factors = take(grain_ * elements_);
  scratch.values = take(grain_ * elements_);
  scratch.staging = memory;
  return scratch;
}

bool OutputTask::fetch_weights(const Call& call, const Scratch& scratch) const {
  if (call.feed->has_weights(*call.batch->data, output_)) {
    call.feed->weights(*call.batch, output_, call.rows, scratch.staging, scratch.weights);
    return true;
  }
  if (!call.class_weight || call.class_weight->empty()) return false;
  const int64_t count = objective_.target_shape.count();
  for (int64_t r = 0; r < call.valid; ++r) {
    const auto entry = call.class_weight->find(label_of(scratch.targets + r * count, count));
    scratch.weights[r] = entry == call.class_weight->end() ? 1.0f : static_cast<float>(entry->second);
  }
  return true;
}

double OutputTask::weight_sum(const Call& call) const {
  const Scratch scratch = split(call.scratch);
  call.feed->target(*call.batch, output_, call.rows, scratch.staging, scratch.targets);
  if (!fetch_weights(call, scratch)) return static_cast<double>(call.valid);
  double sum = 0;
  for (int64_t r = 0; r < call.valid; ++r) sum += scratch.weights[r];
  return sum;
}

void OutputTask::run(const Call& call) const {
  if (!objective_.loss && objective_.metrics.empty()) return;
  const Scratch scratch = split(call.scratch);
  call.feed->target(*call.batch, output_, call.rows, scratch.staging, scratch.targets);
  const bool weighted = fetch_weights(call, scratch);

  if (objective_.loss) {
    if (call.gradient) {
      double divisor = call.scale->samples * static_cast<double>(elements_);
      if (objective_.loss->reduction() == Reduction::Sum) divisor = 1;
      if (objective_.loss->reduction() == Reduction::MeanWithSampleWeight)
        divisor = call.scale->weight_sums[static_cast<size_t>(output_)];
      const double factor = divisor == 0 ? 0 : objective_.loss_weight / divisor;
      for (int64_t r = 0; r < call.valid; ++r)
        std::fill_n(scratch.factors + r * elements_, elements_,
                    static_cast<float>(factor * (weighted ? scratch.weights[r] : 1.0f)));
    }
    LossCall loss;
    loss.rows = call.valid;
    loss.target_shape = objective_.target_shape;
    loss.prediction_shape = prediction_;
    loss.samples = call.rows.data();
    loss.targets = scratch.targets;
    loss.predictions = call.prediction;
    loss.logits = fused_ ? call.logits : nullptr;
    loss.factors = call.gradient ? scratch.factors : nullptr;
    loss.values = scratch.values;
    loss.gradient = call.gradient;
    objective_.loss->compute(loss);
    double sum = 0;
    for (int64_t r = 0; r < call.valid; ++r) {
      double row = 0;
      for (int64_t e = 0; e < elements_; ++e) row += scratch.values[r * elements_ + e];
      sum += weighted ? row * static_cast<double>(scratch.weights[r]) : row;
    }
    *call.loss += sum;
    if (call.gradient) {
      const int64_t count = prediction_.count();
      std::memset(call.gradient + call.valid * count, 0, static_cast<size_t>((grain_ - call.valid) * count) * 4);
    }
  }

  for (size_t m = 0; m < objective_.metrics.size(); ++m) {
    MetricCall metric;
    metric.rows = call.valid;
    metric.target_shape = objective_.target_shape;
    metric.prediction_shape = prediction_;
    metric.targets = scratch.targets;
    metric.predictions = call.prediction;
    metric.weights = weighted && objective_.weighted[m] ? scratch.weights : nullptr;
    metric.state = call.metrics[m];
    objective_.metrics[m]->update(metric);
  }
}

}  // namespace batchwise
