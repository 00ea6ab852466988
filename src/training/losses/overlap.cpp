// Losses on how much targets and predictions overlap.
#include "training/losses/overlap.h"

namespace batchwise {
namespace {

void add_run(const float* t, const float* p, int64_t count, int64_t stride, Overlap& sums) {
  double both[4] = {}, targets[4] = {}, predictions[4] = {};  // four chains: one would wait for each addition
  for (int64_t i = 0; i < count; ++i) {
    const double a = t[i * stride], b = p[i * stride];
    both[i & 3] += a * b;
    targets[i & 3] += a;
    predictions[i & 3] += b;
  }
  sums.both += (both[0] + both[1]) + (both[2] + both[3]);
  sums.targets += (targets[0] + targets[1]) + (targets[2] + targets[3]);
  sums.predictions += (predictions[0] + predictions[1]) + (predictions[2] + predictions[3]);
}

}  // namespace

OverlapLoss::OverlapLoss(const Config& config, const char* where)
    : Loss(config), where_(where), axes_(read_axes(config, where)) {}

BatchAxes OverlapLoss::view(const Shape& target, const Shape& prediction) const {
  return {paired_shape(target, prediction, where_), axes_, where_};
}

Shape OverlapLoss::value_shape(const Shape& target, const Shape& prediction) const {
  return view(target, prediction).value_shape();
}

bool OverlapLoss::spans_batch(const Shape& target, const Shape& prediction) const {
  return view(target, prediction).spans_batch();
}

int64_t OverlapLoss::statistics(const Shape& target, const Shape& prediction, int64_t) const {
  const BatchAxes axes = view(target, prediction);
  return axes.spans_batch() ? 3 * axes.values() : 0;
}

void OverlapLoss::measure(const LossCall& call) const {
  const BatchAxes axes = view(call.target_shape, call.prediction_shape);
  const int64_t size = call.prediction_shape.count();
  for (int64_t v = 0; v < axes.values(); ++v) {
    Overlap sums;
    for (int64_t row = 0; row < call.rows; ++row)
      axes.for_each_run(v, [&](int64_t first, int64_t count, int64_t stride) {
        const int64_t at = row * size + first;
        add_run(call.targets + at, call.predictions + at, count, stride, sums);
      });
    double* out = call.statistics + 3 * v;
    out[0] = sums.both;
    out[1] = sums.targets;
    out[2] = sums.predictions;
  }
}

double OverlapLoss::combine(std::span<double> statistics, std::span<const int64_t> rows, const Shape&) const {
  const size_t each = statistics.size() / rows.size();
  for (size_t at = each; at < statistics.size(); ++at) statistics[at % each] += statistics[at];
  return static_cast<double>(each) / 3;
}

void OverlapLoss::compute(const LossCall& call) const {
  const BatchAxes axes = view(call.target_shape, call.prediction_shape);
  const int64_t size = call.prediction_shape.count();
  const auto gradient_of_row = [&](int64_t row, int64_t v, const OverlapValue& value, float factor) {
    const float by_both = factor * static_cast<float>(value.by_both),
                by_prediction = factor * static_cast<float>(value.by_predictions);
    axes.for_each_run(v, [&](int64_t first, int64_t count, int64_t stride) {
      const int64_t at = row * size + first;
      for (int64_t i = 0; i < count; ++i)
        call.gradient[at + i * stride] = by_both * call.targets[at + i * stride] + by_prediction;
    });
  };
  if (axes.spans_batch()) {
    for (int64_t v = 0; v < axes.values(); ++v) {
      const double* sums = call.batch.data() + 3 * v;
      const OverlapValue value = value_of({sums[0], sums[1], sums[2]});
      call.values[v] = static_cast<float>(value.value);
      if (!call.gradient) continue;
      for (int64_t row = 0; row < call.rows; ++row) gradient_of_row(row, v, value, call.factors[v]);
    }
    return;
  }
  for (int64_t row = 0; row < call.rows; ++row)
    for (int64_t v = 0; v < axes.values(); ++v) {
      Overlap sums;
      axes.for_each_run(v, [&](int64_t first, int64_t count, int64_t stride) {
        const int64_t at = row * size + first;
        add_run(call.targets + at, call.predictions + at, count, stride, sums);
      });
      const OverlapValue value = value_of(sums);
      const int64_t at = row * axes.values() + v;
      call.values[at] = static_cast<float>(value.value);
      if (call.gradient) gradient_of_row(row, v, value, call.factors[at]);
    }
}

}  // namespace batchwise
