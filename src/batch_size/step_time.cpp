// Step times, measured at few grains and extended to many.
#include <batchwise/step_time.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <batchwise/model.h>

#include "training/objective.h"

namespace batchwise {
namespace {

constexpr int64_t kFewRounds = 4, kManyRounds = 8;  // grains of each lane
constexpr int64_t kLeastSteps = 4, kMostSteps = 400;

// Rows of the data set, or made ones, all the same: kernels take the same time for any values that are not denormal.
Dataset rows_for(const Model& model, const Dataset* data, int64_t rows) {
  if (data && data->has_rows() && data->size() >= rows) {
    Batch batch = data->read(0, rows);
    return Dataset(batch.x, batch.y, batch.sample_weight);
  }
  const auto filled = [&](Shape shape, DType dtype, double value) {
    std::vector<int64_t> dims(shape.begin(), shape.end());
    dims.insert(dims.begin(), rows);
    const Shape whole{std::span<const int64_t>(dims)};
    if (dtype == DType::Float32)
      return Array::from(std::vector<float>(static_cast<size_t>(whole.count()), static_cast<float>(value)), whole);
    require(dtype != DType::String, "plan",
            "the time of a step on texts can only be measured with data. Got a model that reads texts, and no data.");
    return Array::from(std::vector<int32_t>(static_cast<size_t>(whole.count()), 0), whole);
  };
  std::vector<Array> x, y;
  for (const Symbol& input : model.inputs()) x.push_back(filled(input.shape(), input.dtype(), 0.5));
  const Objectives objectives(model, Dataset());
  for (const Objective& objective : objectives.outputs())
    y.push_back(filled(objective.target_shape, DType::Float32, 0.0));
  return Dataset(x, y);
}

class Stopwatch {
 public:
  Stopwatch(const Model& model, const PlanOptions& options, double seconds)
      : model_(model), options_(options), seconds_(seconds) {}

  // The mean of steps after the first, of a batch of so many samples in grains of `grain`.
  double step(int64_t batch_size, int64_t grain, int lanes) {
    const auto key = std::tuple(batch_size, grain, lanes);
    if (const auto known = known_.find(key); known != known_.end()) return known->second;
    const Dataset rows = rows_for(model_, options_.data, batch_size);
    double seconds = run(rows, batch_size, grain, lanes, kLeastSteps);
    const double steps = seconds > 0 ? seconds_ / 2 / seconds : 0;
    if (steps > kLeastSteps)
      seconds = run(rows, batch_size, grain, lanes, std::min(kMostSteps, static_cast<int64_t>(std::ceil(steps))));
    return known_[key] = seconds;
  }

 private:
  double run(const Dataset& rows, int64_t batch_size, int64_t grain, int lanes, int64_t steps) {
    Model copy = model_.copy();
    FitOptions fit;
    fit.batch_size = batch_size;
    fit.grain = grain;
    fit.memory = options_.memory;
    fit.lanes = lanes;
    fit.epochs = steps;
    fit.shuffle = Shuffle::No;
    fit.verbose = 0;
    fit.allow_nan = true;
    const History history = copy.fit(rows, fit);
    return history.samples_per_second > 0 ? static_cast<double>(batch_size) / history.samples_per_second : 0;
  }

  const Model& model_;
  const PlanOptions& options_;
  double seconds_;
  std::map<std::tuple<int64_t, int64_t, int>, double> known_;
};

}  // namespace

std::vector<StepTime> predict_step_times(const Model& model, const std::vector<int64_t>& batch_sizes,
                                         const PlanOptions& options, double seconds) {
  require(model.compiled().has_value() && model.initialized(), "plan",
          "steps are timed with a model that is compiled and has weights.");
  Stopwatch watch(model, options, seconds);
  std::vector<StepTime> times;
  for (int64_t batch_size : batch_sizes) {
    PlanOptions asked = options;
    asked.batch_size = batch_size;
    const Plan plan = model.plan(asked);
    StepTime time;
    time.batch_size = batch_size;
    const int64_t lanes = std::max(1, plan.lanes), rounds = (plan.grains + lanes - 1) / lanes;
    if (rounds <= kManyRounds) {
      time.seconds = watch.step(batch_size, plan.grain, plan.lanes);
      time.measured = true;
    } else {
      // A step is its update and its rounds of grains: a straight line through two of them.
      const double few = watch.step(kFewRounds * lanes * plan.grain, plan.grain, plan.lanes);
      const double many = watch.step(kManyRounds * lanes * plan.grain, plan.grain, plan.lanes);
      const double round = std::max(0.0, many - few) / static_cast<double>(kManyRounds - kFewRounds);
      const double exact = static_cast<double>(plan.grains) / static_cast<double>(lanes);
      // Few rounds have room for what many must compute again.
      PlanOptions measured = asked;
      measured.batch_size = kManyRounds * lanes * plan.grain;
      const double more = (1 + plan.recompute_share) / (1 + model.plan(measured).recompute_share);
      time.seconds = more * (few + round * (exact - static_cast<double>(kFewRounds)));
    }
    times.push_back(time);
  }
  return times;
}

}  // namespace batchwise
