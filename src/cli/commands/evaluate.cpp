// batchwise evaluate: loss and metrics of a model on data.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/model_choice.h"
#include "cli/printable.h"
#include "cli/run_record.h"
#include "report/console.h"
#include "report/events.h"
#include "report/json_lines.h"
#include "report/progress_text.h"

namespace batchwise {
namespace {

void note_own_numbers(const std::vector<std::string>& class_names) {
  if (class_names.empty()) return;
  std::string text;
  for (size_t label = 0; label < std::min<size_t>(class_names.size(), 20); ++label)
    text += (label == 0 ? "" : ", ") + std::to_string(label) + ' ' + class_names[label];
  std::cerr << "note: neither the model nor a run around it names its classes; labels are those of this data: "
            << printable(text) << (class_names.size() > 20 ? ", ..." : "") << "\n";
}

}  // namespace

int run_evaluate(const std::vector<std::string>& words) {
  std::string name;
  DataChoice choice;
  CompileChoice compile;
  int64_t batch_size = 0, lanes = 0, memory = 0;
  bool json = false;
  Arguments arguments(
      "evaluate",
      "Loss and metrics of a trained model on data. They do not depend on memory or lanes, and on the batch size "
      "only where Keras's do: a loss with masks, ignore_class or a value of the whole batch is averaged "
      "by batch.",
      {"batchwise evaluate runs/first/model.keras fashion-mnist",
       "batchwise evaluate model.keras test.npz --memory 256M --json"});
  arguments.positional("MODEL", name, "A .keras file");
  arguments.positional("DATA", choice.data, "As for train; of built-in names, the test part");
  arguments.integer("--batch-size", batch_size, 1,
                    "What losses are averaged by: matters with masks, ignore_class and losses of the whole batch",
                    false, Arguments::kMostSamples);
  arguments.integer("--lanes", lanes, 1, "Cores to use", false, Arguments::kMostLanes);
  arguments.size("--memory", memory, "Budget: bytes this process may use. Otherwise found");
  arguments.text("--loss", compile.loss, "NAME", "Instead of the model file's");
  arguments.names("--metrics", compile.metrics, "Instead of the model file's");
  declare_arithmetic(arguments, compile);
  arguments.flag("--json", json, "The result as a JSON line");
  choice.declare(arguments);
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  choice.check({choice.data});
  require(is_model_file(name), "evaluate",
          "the model must be a trained one, from a .keras file. Got the built-in name \"", name, "\".");
  const std::vector<std::string> known = known_class_names(name);
  ModelAndData opened = open_model_and_data(
      name, choice, {.part = DataPart::Test, .loss = compile.loss, .numbered_as = known, .memory = memory});
  if (known.empty()) note_own_numbers(opened.class_names);
  compile_with(opened.model, compile);
  EvaluateOptions options;
  options.batch_size = batch_size;
  options.memory = memory;
  options.lanes = static_cast<int>(lanes);
  options.callbacks = {make_console(1, std::cerr, isatty(STDERR_FILENO) == 1)};
  const Logs logs = opened.model.evaluate(opened.data, options);
  if (json) {
    write_event(std::cout, end_event(logs));
  } else {
    for (const auto& [key, value] : logs) std::cout << key << ": " << value_text(value) << "\n";
  }
  return kDone;
}

}  // namespace batchwise
