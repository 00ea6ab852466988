// What the folder of a run, a tune or a sweep holds, in words.
#include "cli/run_inspection.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "batch_size/sweep/sweep_record.h"
#include "cli/run_folder.h"
#include "cli/run_record.h"
#include "cli/sweep_run.h"
#include "formats/json/json.h"
#include "report/progress_text.h"
#include "training/checkpoint/checkpoint_files.h"

namespace batchwise {
namespace {

bool is_given(const Config& value) {
  if (value.is_object())
    return std::any_of(value.as_object().begin(), value.as_object().end(),
                       [](const auto& entry) { return is_given(entry.second); });
  return !(value.is_null() || value == Config("") || value == Config(0) || value == Config(false) ||
           value == Config(Config::List{}));
}

std::string settings_text(const Config& settings) {
  std::string text;
  for (const auto& [key, value] : settings.as_object("settings"))
    if (is_given(value)) text += "  " + key + ": " + value.text() + "\n";
  return text;
}

std::string choice_text(const Config& choice) {
  return "batch size " + std::to_string(choice.at("batch_size").as_int("batch_size")) + " at learning rate " +
         rounded_number(choice.at("learning_rate").as_number("learning_rate"));
}

// "finished", or how to go on.
std::string state_text(bool finished, const std::string& path) {
  return finished ? "finished" : "not finished: batchwise resume " + path + " continues it";
}

std::string training_text(const RunFolder& folder, const Config& record) {
  std::ostringstream text;
  text << "run made by batchwise " << record.get("batchwise", "?") << ", "
       << state_text(folder.finished(), folder.path()) << "\n"
       << settings_text(record.at("settings"))
       << "  peak planned: " << show_byte_size(record.at("plan").get("peak_bytes", 0)) << "\n";
  for (const auto& [step, file] : checkpoint_files(folder.checkpoints()))
    text << "checkpoint after " << step << " updates\n";
  if (folder.finished()) {
    const Config history = read_json(folder.history());
    text << "last epoch:";
    for (const auto& [key, values] : history.as_object("history")) {
      if (!values.is_list() || values.as_list().empty()) continue;
      const Config& last = values.as_list().back();
      text << " - " << key << ": " << (last.is_number() ? value_text(last.as_number()) : last.text());
    }
    text << "\n";
  }
  return text.str();
}

std::string tune_text(const RunFolder& folder, const Config& record) {
  std::ostringstream text;
  text << "tune made by batchwise " << record.get("batchwise", "?") << ", "
       << state_text(record.get("finished", false), folder.path()) << "\n"
       << settings_text(record.at("settings")) << settings_text(record.at("tune"));
  std::error_code error;
  if (!std::filesystem::exists(folder.tune_json(), error)) return text.str();
  const Config found = read_json(folder.tune_json());
  text << "trials: " << found.at("branches").as_list("branches").size() << "\n";
  if (const Config* advice = found.find("recommendation")) text << "recommended: " << choice_text(*advice) << "\n";
  return text.str();
}

std::string sweep_text(const std::string& path) {
  const std::string file = path + "/sweep.json";
  const Config settings = read_sweep_settings(file), record = read_json(file);
  std::map<std::string, int> states;
  const Config::List& cells = record.at("cells").as_list("cells");
  for (const Config& cell : cells) ++states[cell.at("state").as_string("state")];
  std::ostringstream text;
  text << "sweep of " << cells.size() << " runs, " << state_text(states["open"] == 0, path) << "\n";
  if (const Config* train = settings.find("train")) text << settings_text(*train);  // of the program's sweeps
  Config own = settings;
  own.erase("train");
  text << settings_text(own) << "runs:";
  for (const auto& [state, count] : states)
    if (count > 0) text << " " << count << " " << state;
  text << "\n";
  if (const Config* advice = record.at("summary").find("recommendation"))
    text << "recommended: " << advice->at("optimizer").as_string("optimizer") << ", " << choice_text(*advice) << "\n";
  return text.str();
}

}  // namespace

bool is_run(const std::string& folder) { return RunFolder(folder).holds_run() || holds_sweep(folder); }

std::string inspect_run(const std::string& path) {
  if (holds_sweep(path)) return sweep_text(path);
  const RunFolder folder(path);
  const Config record = read_run_record(folder.run_json());
  return record.get("kind", "") == "tune" ? tune_text(folder, record) : training_text(folder, record);
}

}  // namespace batchwise
