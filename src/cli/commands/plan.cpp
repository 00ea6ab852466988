// batchwise plan: where every byte would go, for one or several batch sizes.
#include <iostream>
#include <optional>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "report/events.h"
#include "report/json_lines.h"

namespace batchwise {

int run_plan(const std::vector<std::string>& words) {
  std::string name;
  DataChoice choice;
  CompileChoice compile;
  std::vector<int64_t> batch_sizes;
  int64_t memory = 0, lanes = 0, grain = 0;
  bool json = false;
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
  arguments.text("--optimizer", compile.optimizer, "NAME", "adam, sgd, ... instead of the model file's");
  arguments.text("--loss", compile.loss, "NAME", "Instead of the model file's");
  declare_dtype(arguments, compile);
  arguments.integer("--lanes", lanes, 1, "Cores to use");
  arguments.integer("--grain", grain, 1, "Samples that travel together. Otherwise chosen");
  arguments.flag("--json", json, "One JSON line per batch size");
  declare_data(arguments, choice);
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  std::optional<Dataset> data;
  Model model = [&] {
    if (choice.data.empty()) return open_model_without_data(name);
    ModelAndData opened = open_model_and_data(name, choice, {.loss = compile.loss});
    data = opened.data;
    return opened.model;
  }();
  // The bytes of a loss are too few to matter: a file that states none is planned with one that fits any shape.
  if (!model.compiled() && compile.loss.empty()) compile.loss = "mean_squared_error";
  compile_with(model, compile);

  std::optional<BudgetError> refused;
  for (int64_t batch_size : batch_sizes) {
    PlanOptions options;
    options.batch_size = batch_size;
    options.memory = memory;
    options.lanes = static_cast<int>(std::min<int64_t>(lanes, 1 << 20));
    options.grain = grain;
    options.data = data ? &*data : nullptr;
    try {
      const Plan plan = model.plan(options);
      if (json) write_event(std::cout, plan_event(plan));
      else std::cout << plan << "\n";
    } catch (const BudgetError& error) {
      if (!refused) refused = error;  // the others may still fit
    }
  }
  if (refused) throw *refused;
  return kDone;
}

}  // namespace batchwise
