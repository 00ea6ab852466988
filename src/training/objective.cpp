// What a compiled model is trained for.
#include "training/objective.h"

#include <algorithm>

namespace batchwise {
namespace {

const char* kWhere = "compile";

Spec at_output(const std::vector<Spec>& per_output, const Spec& for_all, size_t output, size_t outputs) {
  if (per_output.empty()) return for_all;
  require(per_output.size() == outputs, kWhere, "losses must have one entry per output, ", outputs, ". Got ",
          per_output.size(), ".");
  return per_output[output];
}

// The target's shape where no data is at hand: what the loss would be used with.
Shape guessed_target(const Spec& loss, const Shape& prediction) {
  if (loss.class_name.find("parse") != std::string::npos) {
    std::vector<int64_t> dims(prediction.begin(), prediction.end() - (prediction.rank() > 0 ? 1 : 0));
    return Shape(std::span<const int64_t>(dims));
  }
  return prediction;
}

// (N,) and (N, 1) are one thing where the prediction is (N, 1): Keras squeezes or expands.
Shape squeezed_target(const Shape& target, const Shape& prediction) {
  if (target.rank() + 1 == prediction.rank() && prediction.back() == 1) return prediction;
  return target;
}

}  // namespace

Objectives::Objectives(const Model& model, const Dataset& data) : output_names_(model.output_names()) {
  require(model.compiled().has_value(), "fit",
          "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
  const CompileOptions& options = *model.compiled();
  const size_t n = model.outputs().size();
  require(options.loss_weights.empty() || options.loss_weights.size() == n, kWhere,
          "loss_weights must have one entry per output, ", n, ". Got ", options.loss_weights.size(), ".");
  require(options.output_metrics.empty() || options.output_metrics.size() == n, kWhere,
          "output_metrics must have one list per output, ", n, ". Got ", options.output_metrics.size(), ".");
  if (!data.empty())
    require(data.num_targets() == static_cast<int>(n), "fit", "the data must have one target per output of the model, ",
            n, ". Got ", data.num_targets(), " from ", data.source().describe(), ".");
  doubles_ = static_cast<int64_t>(n) + 1;
  for (size_t o = 0; o < n; ++o) {
    Objective objective;
    const Spec loss = at_output(options.losses, options.loss, o, n);
    const Shape& prediction = model.outputs()[o].shape();
    objective.target_shape = data.empty() ? guessed_target(loss, prediction)
                                          : squeezed_target(data.target(static_cast<int>(o)).shape, prediction);
    elements_.push_back(1);
    if (!loss.empty()) {
      objective.loss = make_loss(loss);
      elements_.back() = objective.loss->value_shape(objective.target_shape, prediction).count();
    }
    objective.loss_weight = options.loss_weights.empty() ? 1.0 : options.loss_weights[o];
    metric_at_.emplace_back();
    metric_names_.emplace_back();
    const auto add = [&](const Spec& spec, bool weighted) {
      auto metric = make_metric(spec, objective.target_shape, prediction);
      metric->check(objective.target_shape, prediction);
      metric_at_.back().push_back(doubles_);
      doubles_ += metric->state_size(prediction);
      results_.resize(std::max(results_.size(), static_cast<size_t>(metric->results(prediction))));
      std::string name = metric->name();
      auto& names = metric_names_.back();
      if (weighted && std::find(names.begin(), names.end(), name) != names.end()) name = "weighted_" + name;
      names.push_back(name);
      objective.metrics.push_back(std::move(metric));
      objective.weighted.push_back(weighted);
    };
    for (const Spec& spec : options.output_metrics.empty() ? options.metrics : options.output_metrics[o])
      add(spec, false);
    for (const Spec& spec : options.weighted_metrics) add(spec, true);
    outputs_.push_back(std::move(objective));
  }
  const bool any = std::any_of(outputs_.begin(), outputs_.end(), [](const Objective& o) { return o.loss != nullptr; });
  require(any, kWhere, "at least one output needs a loss. Got none.");
  name_entries();
}

double Objectives::output_loss(size_t output, double sum, double samples, double weight) const {
  const Objective& objective = outputs_[output];
  if (!objective.loss || samples == 0) return 0;
  switch (objective.loss->reduction()) {
    case Reduction::Sum: return sum;
    case Reduction::MeanWithSampleWeight: return weight == 0 ? 0 : sum / weight;
    default: return sum / (samples * static_cast<double>(elements_[output]));
  }
}

bool Objectives::needs_weight_sum() const {
  return std::any_of(outputs_.begin(), outputs_.end(), [](const Objective& o) {
    return o.loss && o.loss->reduction() == Reduction::MeanWithSampleWeight;
  });
}

RunningSums Objectives::empty_sums() const {
  RunningSums sums;
  sums.output_losses.assign(outputs_.size(), 0);
  sums.metrics.assign(static_cast<size_t>(doubles_) - outputs_.size() - 1, 0);
  return sums;
}

void Objectives::name_entries() {
  const bool several = outputs_.size() > 1;
  entries_.push_back({"loss", -1, -1});
  for (size_t o = 0; o < outputs_.size(); ++o) {
    const std::string prefix = several ? output_names_[o] + "_" : "";
    if (several && outputs_[o].loss) entries_.push_back({prefix + "loss", static_cast<int>(o), -1});
    for (size_t m = 0; m < outputs_[o].metrics.size(); ++m)
      entries_.push_back({prefix + metric_names_[o][m], static_cast<int>(o), static_cast<int>(m)});
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
}

double Objectives::value(const Entry& entry, const RunningSums& sums) const {
  const double samples = std::max(sums.samples, 1e-300);
  if (entry.output < 0) return sums.total_loss / samples;
  const size_t o = static_cast<size_t>(entry.output);
  if (entry.metric < 0) return sums.output_losses[o] / samples;
  const size_t m = static_cast<size_t>(entry.metric);
  const int64_t first = static_cast<int64_t>(outputs_.size()) + 1;
  outputs_[o].metrics[m]->read(sums.metrics.data() + metric_at_[o][m] - first, predictions_[o], results_.data());
  return results_[static_cast<size_t>(entry.result)];
}

Logs Objectives::logs(const RunningSums& sums) const {
  Logs logs;
  for (const Entry& entry : entries_) logs.emplace_back(entry.name, value(entry, sums));
  return logs;
}

void Objectives::read(const RunningSums& sums, Logs& logs) const {
  for (size_t i = 0; i < entries_.size(); ++i) logs[i].second = value(entries_[i], sums);
}

const double* find_log(const Logs& logs, const std::string& name) {
  for (const auto& entry : logs)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

}  // namespace batchwise
