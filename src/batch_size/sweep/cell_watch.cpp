// What a cell of a sweep tells while it trains.
#include "batch_size/sweep/cell_watch.h"

#include <batchwise/error.h>

#include "batch_size/sweep/sweep_record.h"
#include "formats/json/json.h"

namespace batchwise {

void CellWatch::on_plan(const Plan& plan) {
  cell_.peak_bytes = plan.peak_bytes;
  cell_.smallest_budget = plan.smallest_budget;
  cell_.grain = plan.grain;
}

// Without a checkpoint the run begins anew, whatever was written of it before.
void CellWatch::on_train_begin(const RunFacts&, RunControl&) {
  if (!restored_) cell_.epochs.clear();
}

void CellWatch::on_train_batch_end(int64_t, const Logs&, RunControl& run) {
  if (samples_ > 0 && run.progress().samples >= samples_) run.stop();
}

void CellWatch::on_test_begin(const RunFacts&) { validation_began_ = std::chrono::steady_clock::now(); }

void CellWatch::on_test_end(const Logs&) {
  validating_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - validation_began_).count();
}

void CellWatch::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  if (!metric_.empty() && !find_log(logs, metric_)) {
    std::string known;
    for (const auto& [name, value] : logs) known += (known.empty() ? "" : ", ") + name;
    fail("sweep", "the target must name a value that is measured: ", known, ". Got \"", metric_, "\".");
  }
  const RunProgress progress = run.progress();
  cell_.epochs.push_back({epoch + 1, progress.samples, progress.updates, progress.seconds - validating_, logs});
}

std::string CellWatch::state() const {
  return Config::object({{"validating", validating_}, {"cell", record_of(cell_)}}).text();
}

void CellWatch::restore(const std::string& state) {
  const Config record = parse_json(state, "sweep");
  validating_ = record.at("validating").as_number("validating");
  cell_.epochs = read_cell(record.at("cell")).epochs;
  restored_ = true;
}

}  // namespace batchwise
