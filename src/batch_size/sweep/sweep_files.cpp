// The folder of a sweep.
#include "batch_size/sweep/sweep_files.h"

#include <filesystem>
#include <system_error>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "base/utf8.h"
#include "batch_size/sweep/sweep_record.h"
#include "formats/json/json.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  require(!error && fs::is_directory(path, error), path,
          "the folder of a sweep must be one that can be made. Got: ", error ? error.message() : "something else", ".");
}

template <class T>
Config list_of(const std::vector<T>& values) {
  Config::List list;
  for (const T& value : values) list.emplace_back(value);
  return list;
}

// What decides the results of the cells.
Config settings_of(const SweepOptions& options) {
  if (!options.settings.is_null()) return options.settings;
  Config::List optimizers, seeds;
  for (const Spec& spec : options.optimizers) optimizers.push_back(config_of(spec));
  for (uint64_t seed : options.seeds) seeds.emplace_back(std::to_string(seed));
  return Config::object({{"batch_sizes", list_of(options.batch_sizes)},
                         {"optimizers", optimizers},
                         {"learning_rates", list_of(options.learning_rates)},
                         {"seeds", seeds},
                         {"rule", options.rule},
                         {"epochs", options.fit.epochs},
                         {"samples", options.samples},
                         {"halving", options.halving},
                         {"validation_split", options.fit.validation_split},
                         {"grain", options.fit.grain}});
}

}  // namespace

void SweepFiles::open(const SweepOptions& options, std::vector<SweepCell>& cells) {
  settings_ = settings_of(options);
  if (!kept()) return;
  require_utf8(settings_, directory_, "Rename the file or folder.");
  make_folder(directory_);
  lock_.emplace(directory_);
  std::error_code error;
  if (fs::exists(sweep_json(), error)) {
    require(read_sweep_settings(sweep_json()) == parse_json(settings_.text(), directory_), directory_,
            "a sweep goes on with the settings that it was begun with: give another folder. Got one that holds a sweep "
            "with other settings.");
    for (SweepCell& cell : cells) read(cell);
  }
  make_folder(directory_ + "/cells");
}

void SweepFiles::read(SweepCell& cell) const {
  const std::string path = folder(cell) + "/result.json";
  std::error_code error;
  if (!fs::exists(path, error)) return;
  const SweepCell kept = read_cell(read_json(path));
  require(kept.name == cell.name, path, "the result must be that of its cell, ", cell.name, ". Got ", kept.name, ".");
  cell = kept;
  // What does not fit may fit today, or in the memory that is given now.
  if (cell.state == "infeasible") cell.smallest_budget = 0;
  if (cell.state == "stopped" || cell.state == "infeasible") {
    cell.state = "open";
    cell.why.clear();
  }
}

void SweepFiles::write(const SweepCell& cell) {
  if (!kept()) return;
  make_folder(folder(cell));
  write_file_atomically(folder(cell) + "/result.json", indented_json(record_of(cell)));
  std::error_code error;
  if (cell.state == "done") fs::remove_all(checkpoints(cell), error);
}

void SweepFiles::write(const SweepResult& result) {
  if (kept()) write_file_atomically(sweep_json(), indented_json(sweep_record(settings_, result)));
}

}  // namespace batchwise
