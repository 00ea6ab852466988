// batchwise plan: where every byte would go, for one or several batch sizes.
#include <iostream>
#include <optional>

#include <batchwise/largest_batch.h>
#include <batchwise/step_time.h>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "report/events.h"
#include "report/json_lines.h"

namespace batchwise {
namespace {

struct Asked {
  Model& model;
  const std::string& optimizer;  // "": the file's
  const PlanOptions& options;
  bool json, timed;
};

// What can be measured: weights are there, and data where the model reads texts.
std::optional<StepTime> step_time(const Asked& asked) {
  if (!asked.timed) return std::nullopt;
  for (const Symbol& input : asked.model.inputs())
    if (input.dtype() == DType::String && !asked.options.data) return std::nullopt;
  if (!asked.model.initialized()) asked.model.initialize_new(0);
  return predict_step_times(asked.model, {asked.options.batch_size}, asked.options).front();
}

void tell(const Asked& asked) {
  const Plan plan = asked.model.plan(asked.options);
  const std::optional<StepTime> time = step_time(asked);
  const Dataset* data = asked.options.data;
  const int64_t updates = data && data->has_rows() ? (data->size() + plan.batch_size - 1) / plan.batch_size : 0;
  if (asked.json) {
    Config event = plan_event(plan);
    if (!asked.optimizer.empty()) event.set("optimizer", asked.optimizer);
    if (time) event.set("step_seconds", time->seconds);
    if (updates > 0) event.set("updates_per_epoch", updates);
    write_event(std::cout, event);
    return;
  }
  if (!asked.optimizer.empty()) std::cout << "Optimizer " << asked.optimizer << ":\n";
  std::cout << plan;
  if (time) {
    char text[160];
    std::snprintf(text, sizeof text, "A step takes %.3g ms, %.4g samples/s (%s).", 1e3 * time->seconds,
                  time->samples_per_second(), time->measured ? "measured" : "measured for fewer grains");
    std::cout << text;
    if (updates > 0) {
      std::snprintf(text, sizeof text, " An epoch is %lld updates, about %.3g s.", static_cast<long long>(updates),
                    static_cast<double>(updates) * time->seconds);
      std::cout << text;
    }
    std::cout << "\n";
  }
  std::cout << "\n";
}

void tell_largest(const Model& model, const PlanOptions& options, bool json) {
  const int64_t largest = largest_batch_size(model, options);
  if (json) {
    write_event(std::cout, Config::object({{"event", "largest_batch"}, {"batch_size", largest}}));
    return;
  }
  if (largest == kAnyBatchSize) std::cout << "Any batch size fits this budget: memory does not depend on it.\n";
  else std::cout << "The largest batch size that fits this budget is " << largest << ".\n";
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
  arguments.integers("--batch-size", batch_sizes, 1, "One batch size or several, with commas", true);
  arguments.size("--memory", memory, "Budget: bytes the process may use. Otherwise found");
  arguments.names("--optimizer", optimizers, "adam, sgd, ... instead of the model file's; several with commas");
  arguments.text("--loss", compile.loss, "NAME", "Instead of the model file's");
  declare_dtype(arguments, compile);
  arguments.integer("--lanes", lanes, 1, "Cores to use");
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
    ModelAndData opened = open_model_and_data(name, choice, {.loss = compile.loss});
    data = opened.data;
    return opened.model;
  }();
  // The bytes of a loss are too few to matter: a file that states none is planned with one that fits any shape.
  if (!model.compiled() && compile.loss.empty()) compile.loss = "mean_squared_error";
  if (optimizers.empty()) optimizers.emplace_back();
  PlanOptions options;
  options.memory = memory;
  options.lanes = static_cast<int>(std::min<int64_t>(lanes, 1 << 20));
  options.grain = grain;
  options.data = data ? &*data : nullptr;
  std::optional<BudgetError> refused;
  for (const std::string& optimizer : optimizers) {
    compile.optimizer = optimizer;
    compile_with(model, compile);
    for (int64_t batch_size : batch_sizes) {
      options.batch_size = batch_size;
      try {
        tell({model, optimizer, options, json, !no_timing});
      } catch (const BudgetError& error) {
        if (!refused) refused = error;  // the others may still fit
        if (!json) std::cout << error.what() << "\n\n";
      }
    }
    if (largest) tell_largest(model, options, json);
  }
  if (refused) throw *refused;
  return kDone;
}

}  // namespace batchwise
