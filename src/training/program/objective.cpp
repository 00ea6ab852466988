// What a compiled model is trained for.
#include "training/program/objective.h"

#include <algorithm>
#include <map>

namespace batchwise {
namespace {

const char* kWhere = "compile";

// The target's shape where no data is at hand: the prediction's, or that of one label for each line of it. Where there
// is no loss to tell, metrics do.
Shape guessed_target(const Loss* loss, const std::vector<Spec>& metrics, const Shape& prediction) {
  const int lines = std::max(prediction.rank() - 1, 0);
  const Shape labels(std::span<const int64_t>(prediction.begin(), prediction.begin() + lines));
  for (const Shape& guess : {prediction, labels}) {
    try {
      if (loss) loss->value_shape(guess, prediction);
      else
        for (const Spec& metric : metrics) make_metric(metric, guess, prediction);
      return guess;
    } catch (const Error&) {}
  }
  return prediction;
}

// (N,) and (N, 1) are one thing where the prediction is (N, 1): Keras squeezes or expands.
Shape squeezed_target(const Shape& target, const Shape& prediction) {
  if (target.rank() + 1 == prediction.rank() && prediction.back() == 1) return prediction;
  return target;
}

// A last dimension of 1 moves no value.
Shape without_ones(const Shape& shape) {
  int rank = shape.rank();
  while (rank > 0 && shape[rank - 1] == 1) --rank;
  return Shape(std::span<const int64_t>(shape.begin(), shape.begin() + rank));
}

// Keras's: a weighted metric whose name is taken becomes "weighted_<name>"; a name that is taken still gets a number.
class UniqueNames {
 public:
  std::string take(const std::string& name, bool weighted) {
    if (taken_[name]++ == 0) return name;
    if (!weighted) return name + "_" + std::to_string(taken_[name] - 1);
    return take("weighted_" + name, false);
  }

 private:
  std::map<std::string, int> taken_;
};

// A list per output, or one for all.
const std::vector<Spec>& at_output(const std::vector<std::vector<Spec>>& lists, const std::vector<Spec>& for_all,
                                   size_t output) {
  return lists.empty() ? for_all : lists[output];
}

}  // namespace

std::vector<size_t> asked_outputs(const Model& model) {
  std::vector<size_t> asked;
  const auto& options = model.compiled();
  for (size_t o = 0; o < model.outputs().size(); ++o)
    if (!options || !(options->losses.empty() ? options->loss : options->losses[o]).empty() ||
        !at_output(options->output_metrics, options->metrics, o).empty() ||
        !at_output(options->output_weighted_metrics, options->weighted_metrics, o).empty())
      asked.push_back(o);
  return asked;
}

void check_targets(const Model& model, const Dataset& data) {
  const size_t given = static_cast<size_t>(data.num_targets()), all = model.outputs().size(),
               asked = asked_outputs(model).size();
  require(given == all || given == asked, "data", "the data must have one target per output of the model, ", all,
          asked == all ? "" : ", or one for each that has a loss or metrics, " + std::to_string(asked), ". Got ", given,
          " from ", data.source().describe(), ".");
}

Objectives::Objectives(const Model& model, const Dataset& data) : output_names_(model.output_names()) {
  require(model.compiled().has_value(), "fit",
          "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
  const CompileOptions& options = *model.compiled();
  const size_t n = model.outputs().size();
  const auto one_per_output = [&](size_t size, const char* what) {
    require(size == 0 || size == n, kWhere, what, " must have one entry per output, ", n, ". Got ", size, ".");
  };
  one_per_output(options.losses.size(), "losses");
  one_per_output(options.loss_weights.size(), "loss_weights");
  one_per_output(options.output_metrics.size(), "output_metrics");
  one_per_output(options.output_weighted_metrics.size(), "output_weighted_metrics");
  if (!data.empty()) check_targets(model, data);
  targets_ = data.empty() ? 0 : data.num_targets();
  for (const Symbol& output : model.outputs()) predictions_.push_back(output.shape());
  masked_.assign(n, 0);
  doubles_ = 2 * static_cast<int64_t>(n) + 1;
  for (size_t o = 0; o < n; ++o) add_output(model, options, o, data);
  const bool any = std::any_of(outputs_.begin(), outputs_.end(), [](const Objective& o) { return o.loss != nullptr; });
  require(any, kWhere, "at least one output needs a loss. Got none.");
  check_weights(data);
  name_entries();
}

void Objectives::add_output(const Model& model, const CompileOptions& options, size_t o, const Dataset& data) {
  Objective objective;
  const Spec loss = options.losses.empty() ? options.loss : options.losses[o];
  const Shape& prediction = predictions_[o];
  const std::vector<size_t> asked = asked_outputs(model);
  const auto place = std::find(asked.begin(), asked.end(), o);
  require(place == asked.end() || model.outputs()[o].dtype() == DType::Float32, output_names_[o],
          "losses and metrics are of outputs of dtype float32. Got ", model.outputs()[o].dtype(), ".");
  if (!loss.empty()) objective.loss = make_loss(loss);
  if (data.empty() || data.num_targets() == static_cast<int>(predictions_.size()))
    objective.target = static_cast<int>(o);
  else objective.target = place == asked.end() ? -1 : static_cast<int>(place - asked.begin());
  std::vector<Spec> metrics = at_output(options.output_metrics, options.metrics, o);
  for (const Spec& spec : at_output(options.output_weighted_metrics, options.weighted_metrics, o))
    metrics.push_back(spec);
  objective.target_shape = data.empty() || objective.target < 0
                               ? guessed_target(objective.loss.get(), metrics, prediction)
                               : squeezed_target(data.target(objective.target).shape, prediction);
  if (objective.loss) {
    require(objective.loss->reduction() != Reduction::None, objective.loss->class_name(),
            "a loss to train with must become one number: reduction must not be none.");
    objective.elements = objective.loss->value_shape(objective.target_shape, prediction).count();
  }
  objective.loss_weight = options.loss_weights.empty() ? 1.0 : options.loss_weights[o];
  metric_at_.emplace_back();
  const auto add = [&](const Spec& spec, bool weighted) {
    auto metric = make_metric(spec, objective.target_shape, prediction);
    metric_at_.back().push_back(doubles_);
    doubles_ += metric->state_size(prediction);
    results_.resize(std::max(results_.size(), static_cast<size_t>(metric->results(prediction))));
    objective.metrics.push_back(std::move(metric));
    objective.weighted.push_back(weighted);
  };
  for (const Spec& spec : at_output(options.output_metrics, options.metrics, o)) add(spec, false);
  for (const Spec& spec : at_output(options.output_weighted_metrics, options.weighted_metrics, o)) add(spec, true);
  outputs_.push_back(std::move(objective));
}

void Objectives::check_weights(const Dataset& data) const {
  if (data.empty() || data.num_weights() == 0) return;
  const int columns = data.num_weights();
  require(columns == 1 || columns == static_cast<int>(outputs_.size()), "fit",
          "there must be one array of sample weights for all outputs, or one for each of ", outputs_.size(), ". Got ",
          columns, ".");
  for (size_t o = 0; o < outputs_.size(); ++o) {
    const Objective& objective = outputs_[o];
    const int column = data.num_inputs() + data.num_targets() + (columns == 1 ? 0 : static_cast<int>(o));
    const Shape& shape = data.source().columns()[static_cast<size_t>(column)].shape;
    require(shape.count() == 1 || (objective.loss && shape.count() == objective.elements), "fit",
            "sample weights must be one per sample, or one for each of the ", objective.elements,
            " loss values of a sample. Got samples of shape ", shape, " for ", output_names_[o], ".");
    require(!objective.loss || !objective.loss->spans_batch(objective.target_shape, predictions_[o]), "fit",
            objective.loss ? objective.loss->class_name() : "",
            " has one value for the whole batch: there is nothing that a sample's weight could weigh. Got sample "
            "weights.");
  }
}

void Objectives::check_validation(const Dataset& data) const {
  if (data.empty() || targets_ == 0) return;
  require(data.num_targets() == targets_, "fit", "validation must have as many targets as training, ", targets_,
          ": they say which outputs they are for. Got ", data.num_targets(), " from ", data.source().describe(), ".");
  for (size_t o = 0; o < outputs_.size(); ++o) {
    const Objective& objective = outputs_[o];
    if (objective.target < 0 || (!objective.loss && objective.metrics.empty())) continue;
    const Shape& target = data.target(objective.target).shape;
    require(without_ones(squeezed_target(target, predictions_[o])) == without_ones(objective.target_shape), "fit",
            "validation targets for the output ", output_names_[o], " must have the shape that training's have, ",
            objective.target_shape, ". Got ", target, " from ", data.source().describe(), ".");
  }
}

double Objectives::output_loss(size_t output, const double* doubles) const {
  const Objective& objective = outputs_[output];
  if (!objective.loss) return 0;
  const double sum = doubles[loss_at(output)], divisor = doubles[divisor_at(output)];
  if (objective.loss->reduction() == Reduction::Sum) return sum;
  return divisor == 0 ? 0 : sum / divisor;
}

bool Objectives::by_batch() const {
  for (size_t o = 0; o < outputs_.size(); ++o) {
    if (!outputs_[o].loss) continue;
    const Loss& loss = *outputs_[o].loss;
    const bool mean = loss.reduction() == Reduction::SumOverBatchSize || loss.reduction() == Reduction::Mean;
    if (!mean || masked_[o] || loss.leaves_out() || loss.statistics(outputs_[o].target_shape, predictions_[o], 1) > 0)
      return true;
  }
  return false;
}

RunningSums Objectives::empty_sums() const {
  RunningSums sums;
  sums.output_losses.assign(outputs_.size(), 0);
  sums.metrics.assign(static_cast<size_t>(doubles_ - added_at() - 1), 0);
  return sums;
}

void Objectives::name_entries() {
  const bool several = outputs_.size() > 1;
  // One loss alone is the total.
  const auto with_loss = [](const Objective& output) { return output.loss != nullptr; };
  const bool several_losses = std::count_if(outputs_.begin(), outputs_.end(), with_loss) > 1;
  entries_.push_back({"loss", -1, -1});
  for (size_t o = 0; o < outputs_.size(); ++o) {
    const std::string prefix = several ? output_names_[o] + "_" : "";
    if (several_losses && outputs_[o].loss) entries_.push_back({prefix + "loss", static_cast<int>(o), -1});
    UniqueNames names;
    for (size_t m = 0; m < outputs_[o].metrics.size(); ++m) {
      const Metric& metric = *outputs_[o].metrics[m];
      const std::string name = prefix + names.take(metric.name(), outputs_[o].weighted[m]);
      const int results = static_cast<int>(metric.results(predictions_[o]));
      for (int r = 0; r < results; ++r)
        entries_.push_back(
            {results == 1 ? name : name + "_" + std::to_string(r), static_cast<int>(o), static_cast<int>(m), r});
    }
  }
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
  for (size_t i = 1; i < entries_.size(); ++i)
    require(entries_[i].name != entries_[i - 1].name, kWhere, "no two metrics may have one name in logs. Got \"",
            entries_[i].name, "\" twice: give one of them another name.");
}

double Objectives::value(const Entry& entry, const RunningSums& sums) const {
  const double samples = std::max(sums.samples, 1e-300);
  if (entry.output < 0) return sums.total_loss / samples;
  const size_t o = static_cast<size_t>(entry.output);
  if (entry.metric < 0) return sums.output_losses[o] / samples;
  const size_t m = static_cast<size_t>(entry.metric);
  outputs_[o].metrics[m]->read(sums.metrics.data() + metric_at_[o][m] - added_at() - 1, predictions_[o],
                               results_.data());
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
