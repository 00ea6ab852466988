// Step times, measured at few grains and extended to many.
#include <batchwise/step_time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <tuple>

#include <batchwise/model.h>

#include "plan/budget.h"
#include "training/program/objective.h"

namespace batchwise {
namespace {

constexpr int64_t kFewRounds = 4, kManyRounds = 8;  // grains of each lane
constexpr int64_t kLeastSteps = 4, kMostSteps = 400;
constexpr int64_t kRowsRead = 16;

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

// Of one sample, when a few were read before: files are open, buffers are made.
double reading_seconds(const Dataset* data) {
  if (!data || !data->has_rows() || data->size() == 0) return 0;
  const int64_t rows = std::min(kRowsRead, data->size());
  data->read(0, rows);
  const auto begin = std::chrono::steady_clock::now();
  data->read(0, rows);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / static_cast<double>(rows);
}

struct SizedPlan {
  Plan plan;
  int64_t rounds = 0;    // of grains, all lanes side by side
  double more_work = 1;  // than in the steps that are timed: few rounds have room for what many compute again
};

SizedPlan sized_plan(const Model& model, PlanOptions options, int64_t batch_size) {
  options.batch_size = batch_size;
  SizedPlan sized{model.plan(options)};
  sized.rounds = (sized.plan.grains + sized.plan.lanes - 1) / sized.plan.lanes;
  if (sized.rounds <= kManyRounds || sized.plan.recompute_share == 0) return sized;
  options.batch_size = kManyRounds * sized.plan.lanes * sized.plan.grain;
  sized.more_work = (1 + sized.plan.recompute_share) / (1 + model.plan(options).recompute_share);
  return sized;
}

class Stopwatch {
 public:
  Stopwatch(const Model& model, const PlanOptions& options, double seconds)
      : model_(model), options_(options), seconds_(seconds), resident_(process_memory().resident) {}

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
    // A copy is trained in what the budget leaves to the process that planned, not to one that has timed others since.
    if (options_.memory > 0) fit.memory = options_.memory + std::max<int64_t>(0, process_memory().resident - resident_);
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
  int64_t resident_;  // bytes of the process, before anything was timed
  std::map<std::tuple<int64_t, int64_t, int>, double> known_;
};

}  // namespace

std::vector<StepTime> predict_step_times(const Model& model, const std::vector<int64_t>& batch_sizes,
                                         const PlanOptions& options, double seconds) {
  require(model.compiled().has_value() && model.initialized(), "plan",
          "steps are timed with a model that is compiled and has weights.");
  std::vector<SizedPlan> plans;
  for (int64_t batch_size : batch_sizes) plans.push_back(sized_plan(model, options, batch_size));
  Stopwatch watch(model, options, seconds);
  const double reading = reading_seconds(options.data);
  std::vector<StepTime> times;
  for (const SizedPlan& sized : plans) {
    const Plan& plan = sized.plan;
    StepTime time;
    time.batch_size = plan.batch_size;
    time.reading = reading * static_cast<double>(plan.batch_size);
    if (sized.rounds <= kManyRounds) {
      time.seconds = watch.step(plan.batch_size, plan.grain, plan.lanes);
      time.measured = true;
    } else {
      // A step is its update and its rounds of grains: a straight line through two of them.
      const double few = watch.step(kFewRounds * plan.lanes * plan.grain, plan.grain, plan.lanes);
      const double many = watch.step(kManyRounds * plan.lanes * plan.grain, plan.grain, plan.lanes);
      const double round = std::max(0.0, many - few) / static_cast<double>(kManyRounds - kFewRounds);
      const double exact = static_cast<double>(plan.grains) / static_cast<double>(plan.lanes);
      time.seconds = sized.more_work * (few + round * (exact - static_cast<double>(kFewRounds)));
    }
    times.push_back(time);
  }
  return times;
}

}  // namespace batchwise
