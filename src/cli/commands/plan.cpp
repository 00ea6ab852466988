// batchwise plan: where every byte would go, for one or several batch sizes.
#include <cmath>
#include <iostream>
#include <optional>
#include <variant>

#include <batchwise/byte_size.h>
#include <batchwise/largest_batch.h>
#include <batchwise/step_time.h>

#include "base/number_text.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "report/events.h"
#include "report/json_lines.h"

namespace batchwise {
namespace {

constexpr double kWorthSaying = 0.05;  // of a step: less is in the noise of its time

struct Asked {
  Model& model;
  const std::string& optimizer;  // "": the file's
  const PlanOptions& options;
  bool json;
};

// What can be measured: data are there where the model reads texts. One for each of `batch_sizes`, or none.
std::vector<StepTime> step_times(const Asked& asked, const std::vector<int64_t>& batch_sizes) {
  for (const Symbol& input : asked.model.inputs())
    if (input.dtype() == DType::String && !asked.options.data) return {};
  try {
    return predict_step_times(asked.model, batch_sizes, asked.options);
  } catch (const BudgetError&) {  // this process has grown since it planned
    return {};
  }
}

std::string duration(double seconds) {
  return seconds >= 1 ? rounded_number(seconds) + " s" : rounded_number(1e3 * seconds) + " ms";
}

void tell(const Asked& asked, const Plan& plan, const StepTime* time) {
  const Dataset* data = asked.options.data;
  const int64_t updates = data && data->has_rows() ? (data->size() + plan.batch_size - 1) / plan.batch_size : 0;
  if (asked.json) {
    Config event = plan_event(plan);
    event.set("fits", true);
    if (!asked.optimizer.empty()) event.set("optimizer", asked.optimizer);
    if (time) {
      event.set("step_seconds", time->seconds);
      if (data) event.set("reading_seconds", time->reading);
    }
    if (updates > 0) event.set("updates_per_epoch", updates);
    write_event(std::cout, event);
    return;
  }
  if (!asked.optimizer.empty()) std::cout << "Optimizer " << asked.optimizer << ":\n";
  std::cout << plan;
  if (time) {
    std::cout << "A step takes " << duration(time->seconds) << ", " << rounded_number(time->samples_per_second())
              << " samples/s (" << (time->measured ? "measured" : "measured for fewer grains") << ").";
    // All cores read while they do not train.
    const double reading = time->reading / plan.lanes;
    const bool reads = reading > kWorthSaying * time->seconds;
    if (reads)
      std::cout << " Reading its samples takes one core " << duration(time->reading)
                << " more: " << rounded_number(static_cast<double>(plan.batch_size) / (time->seconds + reading))
                << " samples/s while they come from where they lie.";
    if (updates > 0) {
      const double training = static_cast<double>(updates) * time->seconds;
      std::cout << " An epoch is " << updates << " updates, about " << duration(training);
      if (reads)
        std::cout << " once they are in memory, else " << duration(training + static_cast<double>(updates) * reading);
      std::cout << ".";
    }
    std::cout << "\n";
  }
  std::cout << "\n";
}

// One of several batch sizes that does not fit; the others may.
void tell_refused(const Asked& asked, const PlanError& error) {
  if (asked.json) {
    Config event = plan_event(error.plan);
    event.set("budget_bytes", error.budget_bytes);
    event.set("fits", false);
    if (!asked.optimizer.empty()) event.set("optimizer", asked.optimizer);
    write_event(std::cout, event);
    return;
  }
  std::cout << "batch size " << error.plan.batch_size << " does not fit: " << show_byte_size(error.budget_bytes)
            << " is " << show_byte_size(error.smallest_budget - error.budget_bytes) << " too little. It fits from "
            << byte_size_option(error.smallest_budget) << " on";
  if (!error.plan.recomputed.empty())
    std::cout << ", with " << rounded_number(std::round(100 * error.plan.recompute_share)) << " % more work";
  if (error.plan.roomy_budget > error.smallest_budget)
    std::cout << "; it is fastest from " << byte_size_option(error.plan.roomy_budget) << " on";
  std::cout << ".\n\n";
}

// `plan` is that of the largest; none where there is none looked for, or where not even one sample fits.
void tell_largest(int64_t largest, const Plan* plan, const StepTime* time, bool json) {
  if (json) {
    Config event = Config::object({{"event", "largest_batch"}, {"batch_size", largest}});
    if (largest == kMostBatchSize) event.set("or_more", true);
    if (plan) event.set("recompute_share", plan->recompute_share);
    if (time) event.set("step_seconds", time->seconds);
    write_event(std::cout, event);
    return;
  }
  if (largest == kMostBatchSize) {
    std::cout << "Every batch size up to " << grouped_digits(largest)
              << " fits this budget; larger ones are not looked for.\n";
    return;
  }
  std::cout << "The largest batch size that fits this budget is " << largest;
  if (plan && !plan->recomputed.empty())
    std::cout << ", at " << rounded_number(std::round(100 * plan->recompute_share)) << " % more work for "
              << plan->recomputed.size() << " layers that are computed again";
  if (time)
    std::cout << "; a step takes " << duration(time->seconds) << ", " << rounded_number(time->samples_per_second())
              << " samples/s";
  std::cout << ".\n";
}

// The first refusal, when there was one. All plans come before the first step is timed: what that leaves in the process
// would be in the next plan.
std::optional<PlanError> tell_all(const Asked& asked, const std::vector<int64_t>& batch_sizes, bool timed, bool largest,
                                  bool several) {
  std::vector<std::variant<Plan, PlanError>> plans;
  std::vector<int64_t> fitting;
  PlanOptions options = asked.options;
  for (int64_t batch_size : batch_sizes) {
    options.batch_size = batch_size;
    try {
      plans.emplace_back(asked.model.plan(options));
      fitting.push_back(batch_size);
    } catch (const PlanError& error) { plans.emplace_back(error); }
  }
  const int64_t most = largest ? largest_batch_size(asked.model, asked.options) : 0;
  std::optional<Plan> plan_of_most;
  if (most > 0 && most < kMostBatchSize) {
    options.batch_size = most;
    try {
      plan_of_most = asked.model.plan(options);
      fitting.push_back(most);
    } catch (const PlanError&) {}  // the machine has less to give than a moment ago: the size is told alone
  }
  const std::vector<StepTime> times = timed ? step_times(asked, fitting) : std::vector<StepTime>();
  auto time = times.begin();
  std::optional<PlanError> refused;
  for (const auto& plan : plans) {
    if (const Plan* fits = std::get_if<Plan>(&plan)) {
      tell(asked, *fits, times.empty() ? nullptr : &*time++);
      continue;
    }
    const PlanError& error = std::get<PlanError>(plan);
    if (several || asked.json) tell_refused(asked, error);
    if (!refused) refused = error;
  }
  if (largest)
    tell_largest(most, plan_of_most ? &*plan_of_most : nullptr,
                 times.empty() || !plan_of_most ? nullptr : &times.back(), asked.json);
  return refused;
}

}  // namespace

int run_plan(const std::vector<std::string>& words) {
  std::string name;
  DataChoice choice;
  CompileChoice compile;
  std::vector<int64_t> batch_sizes;
  int64_t memory = 0, lanes = 0, grain = 0;
  bool json = false, no_timing = false, largest = false;
  std::vector<std::string> optimizers;
  Arguments arguments("plan",
                      "Say how much memory training would take and where every byte would go, without training.",
                      {"batchwise plan mlp --batch-size 32,8192 --memory 64M",
                       "batchwise plan model.keras data.npz --batch-size 4096 --optimizer sgd",
                       "batchwise plan resnet50 --batch-size 1,16,256 --memory 8G --json"});
  arguments.positional(
      "MODEL", name, "A .keras file, or a built-in name: mlp, cnn, lstm, resnet50, ... (batchwise --help lists them)");
  arguments.positional("DATA", choice.data,
                       "What it would be trained on. Otherwise what the model is usually trained on", false);
  arguments.integers("--batch-size", batch_sizes, 1, "One batch size or several, with commas", true,
                     Arguments::kMostSamples);
  arguments.size("--memory", memory, "Budget: bytes the process may use. Otherwise found");
  arguments.names("--optimizer", optimizers, "adam, sgd, ... instead of the model file's; several with commas");
  arguments.text("--loss", compile.loss, "NAME", "Instead of the model file's");
  declare_arithmetic(arguments, compile);
  arguments.integer("--lanes", lanes, 1, "Cores to use", false, Arguments::kMostLanes);
  arguments.integer("--grain", grain, 1, "Samples that travel together. Otherwise chosen");
  arguments.flag("--largest", largest, "Also the largest batch size that fits the budget");
  arguments.flag("--no-timing", no_timing, "Do not measure how long a step would take");
  arguments.flag("--json", json, "One JSON line per batch size");
  choice.declare(arguments);
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  choice.check({choice.data});
  std::optional<Dataset> data;
  Model model = [&] {
    if (choice.data.empty()) return open_model_without_data(name);
    ModelAndData opened = open_model_and_data(name, choice, {.loss = compile.loss, .memory = memory});
    data = opened.data;
    return opened.model;
  }();
  require(!data || !data->has_rows() || data->size() > 0, choice.data, "the data must hold a sample. Got none.");
  // The bytes of a loss are too few to matter: a file that states none is planned with one that fits any shape.
  if (!model.compiled() && compile.loss.empty()) compile.loss = "mean_squared_error";
  if (optimizers.empty()) optimizers.emplace_back();
  PlanOptions options;
  options.memory = memory;
  options.lanes = static_cast<int>(lanes);
  options.grain = grain;
  options.data = data ? &*data : nullptr;
  std::optional<PlanError> refused;
  const bool several = optimizers.size() * batch_sizes.size() > 1;
  if (!no_timing && !model.initialized()) model.initialize_new(0);
  for (const std::string& optimizer : optimizers) {
    compile.optimizer = optimizer;
    compile_with(model, compile);
    const auto first = tell_all({model, optimizer, options, json}, batch_sizes, !no_timing, largest, several);
    if (!refused) refused = first;
  }
  if (refused) throw *refused;
  return kDone;
}

}  // namespace batchwise
