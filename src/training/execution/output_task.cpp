// What happens at an output of the model for one grain.
#include "training/execution/output_task.h"

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

double OutputTask::Weighting::of(int64_t row, int64_t value, int64_t values) const {
  const double count = counts ? counts[row * values + value] : 1.0;
  return weights ? count * weights[row * per_row + value * per_row / values] : count;
}

OutputTask::OutputTask(const Objective& objective, OutputFacts facts)
    : objective_(objective), facts_(std::move(facts)), elements_(objective.elements) {
  if (!objective_.loss) return;
  const Loss& loss = *objective_.loss;
  spans_batch_ = loss.spans_batch(objective_.target_shape, facts_.prediction);
  loss_statistics_ = loss.statistics(objective_.target_shape, facts_.prediction, facts_.grain);
  require(!facts_.masked || spans_batch_ || elements_ % facts_.mask.count() == 0, loss.class_name(),
          "a mask must have one entry for each loss value of a sample, or for each group of them. Got a mask of shape ",
          facts_.mask, " and ", elements_, " values.");
  const bool by_weight = loss.reduction() == Reduction::MeanWithSampleWeight;
  const bool counted = loss.reduction() != Reduction::Sum && leaves_values_out() && !spans_batch_;
  if (loss_statistics_ > 0 || (facts_.training && (by_weight || counted))) own_statistics_ = 1;
}

bool OutputTask::is_mean() const { return objective_.loss->reduction() != Reduction::Sum; }

int64_t OutputTask::target_bytes() const {
  return objective_.loss || !objective_.metrics.empty() ? facts_.grain * objective_.target_shape.count() * 4 : 0;
}

int64_t OutputTask::scratch_bytes(const Dataset& data) const {
  if (!objective_.loss && objective_.metrics.empty()) return 0;
  const int64_t values = facts_.grain * std::max(elements_, facts_.masked ? facts_.mask.count() : 1);
  int64_t bytes = aligned(target_bytes()) + 4 * aligned(values * 4);
  int64_t staging = 0;
  if (!data.empty()) {
    staging = staging_bytes(data.target(objective_.target), DType::Float32, facts_.grain);
    for (int w = 0; w < data.num_weights(); ++w)
      staging = std::max(
          staging,
          staging_bytes(data.source().columns()[static_cast<size_t>(data.num_inputs() + data.num_targets() + w)],
                        DType::Float32, facts_.grain));
  }
  bytes += aligned(staging);
  if (objective_.loss) bytes += aligned(objective_.loss->scratch(objective_.target_shape, facts_.prediction));
  return bytes;
}

OutputTask::Scratch OutputTask::split(std::byte* memory) const {
  Scratch scratch;
  const auto take = [&](int64_t count) {
    float* at = reinterpret_cast<float*>(memory);
    memory += aligned(count * 4);
    return at;
  };
  const int64_t values = facts_.grain * std::max(elements_, facts_.masked ? facts_.mask.count() : 1);
  scratch.targets = take(facts_.grain * objective_.target_shape.count());
  scratch.weights = take(values);
  scratch.counts = take(values);
  scratch.factors = take(values);
  scratch.values = take(values);
  scratch.loss = memory;
  if (objective_.loss) memory += aligned(objective_.loss->scratch(objective_.target_shape, facts_.prediction));
  scratch.staging = memory;
  return scratch;
}

void OutputTask::fetch_weights(const Call& call, const Scratch& scratch, Weighting& weighting) const {
  const Dataset& data = *call.batch->data;
  if (call.feed->has_weights(data, facts_.output)) {
    call.feed->weights(*call.batch, facts_.output, call.rows, scratch.staging, scratch.weights);
    weighting.weights = scratch.weights;
    weighting.per_row = call.feed->weights_per_row(data, facts_.output);
    return;
  }
  if (!call.class_weight || call.class_weight->empty()) return;
  // A label or a line of classes per sample, or a line per position.
  const Shape& target = objective_.target_shape;
  const int64_t positions = target.rank() == 2 ? target[0] : 1, classes = target.count() / positions;
  for (int64_t i = 0; i < call.valid * positions; ++i) {
    const auto entry = call.class_weight->find(label_of(scratch.targets + i * classes, classes));
    scratch.weights[i] = entry == call.class_weight->end() ? 1.0f : static_cast<float>(entry->second);
  }
  weighting.weights = scratch.weights;
  weighting.per_row = positions;
}

OutputTask::Weighting OutputTask::weighting(const Call& call, const Scratch& scratch) const {
  Weighting weighting;
  fetch_weights(call, scratch, weighting);
  if (!objective_.loss || spans_batch_ || !leaves_values_out()) return weighting;
  const int64_t count = call.valid * elements_;
  if (facts_.masked) {
    const int64_t group = elements_ / facts_.mask.count();
    for (int64_t i = 0; i < count; ++i) scratch.counts[i] = call.mask[i / group] ? 1.0f : 0.0f;
  } else {
    std::fill_n(scratch.counts, count, 1.0f);
  }
  if (objective_.loss->leaves_out()) objective_.loss->leave_out(loss_call(call, scratch), scratch.counts);
  weighting.counts = scratch.counts;
  return weighting;
}

LossCall OutputTask::loss_call(const Call& call, const Scratch& scratch) const {
  LossCall loss;
  loss.rows = call.valid;
  loss.target_shape = objective_.target_shape;
  loss.prediction_shape = facts_.prediction;
  loss.samples = call.rows.data();
  loss.targets = scratch.targets;
  loss.predictions = call.prediction;
  loss.logits = facts_.fused ? call.logits : nullptr;
  loss.values = scratch.values;
  loss.scratch = scratch.loss;
  loss.grain = call.grain;
  loss.rows_of = call.statistics.rows;
  return loss;
}

double OutputTask::share_of_divisor(const Call& call, const Weighting& weighting) const {
  if (!is_mean()) return 0;
  if (loss_statistics_ > 0) return call.grain == 0 ? *call.statistics.memory : 0;
  const bool by_weight = objective_.loss->reduction() == Reduction::MeanWithSampleWeight;
  double sum = 0;
  if (weighting.counts) {
    for (int64_t r = 0; r < call.valid; ++r)
      for (int64_t e = 0; e < elements_; ++e)
        sum += by_weight ? weighting.of(r, e, elements_) : weighting.counts[r * elements_ + e];
    return sum;
  }
  if (!by_weight || !weighting.weights) return static_cast<double>(call.valid * elements_);
  // As in Keras, weights are added up as they were given, not as they spread over a sample's values.
  for (int64_t i = 0; i < call.valid * weighting.per_row; ++i) sum += weighting.weights[i];
  return sum;
}

void OutputTask::measure(const Call& call) const {
  const Scratch scratch = split(call.scratch);
  call.feed->target(*call.batch, objective_.target, call.rows, scratch.staging, scratch.targets);
  const Weighting weights = weighting(call, scratch);
  const Statistics& statistics = call.statistics;
  if (loss_statistics_ == 0) {
    statistics.memory[call.grain] = share_of_divisor(call, weights);
    return;
  }
  LossCall loss = loss_call(call, scratch);
  for (int64_t r = 0; r < call.valid && !spans_batch_; ++r)
    scratch.factors[r] = static_cast<float>(weights.of(r, 0, elements_));
  loss.weights = spans_batch_ ? nullptr : scratch.factors;
  loss.statistics = statistics.memory + statistics.capacity + call.grain * loss_statistics_;
  objective_.loss->measure(loss);
}

void OutputTask::combine(const Statistics& statistics) const {
  const size_t grains = statistics.rows.size();
  double divisor = 0;
  if (loss_statistics_ > 0) {
    divisor = objective_.loss->combine(
        {statistics.memory + statistics.capacity, grains * static_cast<size_t>(loss_statistics_)}, statistics.rows,
        facts_.prediction);
  } else {
    for (size_t g = 0; g < grains; ++g) divisor += statistics.memory[g];
  }
  *statistics.memory = divisor;
}

void OutputTask::run(const Call& call) const {
  if (!objective_.loss && objective_.metrics.empty()) return;
  const Scratch scratch = split(call.scratch);
  call.feed->target(*call.batch, objective_.target, call.rows, scratch.staging, scratch.targets);
  const Weighting weights = weighting(call, scratch);
  if (objective_.loss) run_loss(call, scratch, weights);
  run_metrics(call, scratch, weights);
}

void OutputTask::run_loss(const Call& call, const Scratch& scratch, const Weighting& weights) const {
  LossCall loss = loss_call(call, scratch);
  if (loss_statistics_ > 0)
    loss.batch = {call.statistics.memory + call.statistics.capacity,
                  call.statistics.rows.size() * static_cast<size_t>(loss_statistics_)};
  const int64_t rows = spans_batch_ ? 1 : call.valid;
  if (call.gradient) {
    double divisor = call.samples * static_cast<double>(elements_);
    if (!is_mean()) divisor = 1;
    else if (own_statistics_ > 0) divisor = *call.statistics.memory;
    loss.factor_per_weight = divisor == 0 ? 0 : objective_.loss_weight / divisor;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t e = 0; e < elements_; ++e)
        scratch.factors[r * elements_ + e] =
            static_cast<float>(loss.factor_per_weight * (spans_batch_ ? 1.0 : weights.of(r, e, elements_)));
    loss.factors = scratch.factors;
    loss.gradient = call.gradient;
  }
  objective_.loss->compute(loss);
  double sum = 0;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t e = 0; e < elements_; ++e) {
      const double weight = spans_batch_ ? 1.0 : weights.of(r, e, elements_);
      if (weight != 0) sum += weight * scratch.values[r * elements_ + e];
    }
  if (!spans_batch_ || call.grain == 0) *call.loss += sum;
  *call.divisor += share_of_divisor(call, weights);
  if (!call.gradient) return;
  const int64_t count = facts_.prediction.count();
  std::memset(call.gradient + call.valid * count, 0, static_cast<size_t>((facts_.grain - call.valid) * count) * 4);
}

void OutputTask::run_metrics(const Call& call, const Scratch& scratch, const Weighting& weights) const {
  for (size_t m = 0; m < objective_.metrics.size(); ++m) {
    const Metric& metric = *objective_.metrics[m];
    MetricCall update;
    update.rows = call.valid;
    update.target_shape = objective_.target_shape;
    update.prediction_shape = facts_.prediction;
    update.targets = scratch.targets;
    update.predictions = call.prediction;
    Weighting own = weights;
    if (!objective_.weighted[m]) own.weights = nullptr;
    update.weights = own.weights;
    update.weights_per_row = own.per_row;
    if (facts_.masked && metric.takes_mask()) {
      const int64_t positions = facts_.mask.count(), parts = own.weights ? std::max(positions, own.per_row) : positions;
      own.counts = nullptr;
      for (int64_t r = 0; r < call.valid; ++r)
        for (int64_t i = 0; i < parts; ++i)
          scratch.values[r * parts + i] =
              call.mask[r * positions + i * positions / parts] ? static_cast<float>(own.of(r, i, parts)) : 0.0f;
      update.weights = scratch.values;
      update.weights_per_row = parts;
    }
    update.state = call.metrics[m];
    metric.update(update);
  }
}

}  // namespace batchwise
