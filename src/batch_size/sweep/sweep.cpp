// The running of a sweep: plan every cell, train what fits, keep what is known after each, summarize.
#include "batch_size/sweep/sweep.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <batchwise/error.h>
#include <batchwise/rules.h>

#include "batch_size/sweep/cell_watch.h"
#include "batch_size/sweep/halving.h"
#include "batch_size/sweep/sweep_files.h"
#include "batch_size/sweep/sweep_summary.h"
#include "batch_size/tune/branch.h"
#include "saving/weights_hash.h"
#include "training/memory/process_bytes.h"

namespace batchwise {
namespace {

constexpr int64_t kMostTrainedOn = 10000;  // samples, to compare with those held out

SweepGrid checked_grid(const Spec& own, const SweepOptions& options) {
  SweepGrid grid = sweep_grid(options, own);
  require(!options.halving || rows_of_a_batch_size(grid.cells) > 1, "sweep",
          "halving stops the worse half of the rows of a batch size: there must be several learning rates or "
          "optimizers. Got one.");
  require(!options.halving || options.fit.epochs > 1, "sweep",
          "halving compares after part of the epochs: there must be at least two. Got ", options.fit.epochs, ".");
  require(!options.halving || !options.directory.empty(), "sweep",
          "halving goes on with cells that it began: it needs a directory to keep them in. Got none.");
  return grid;
}

class SweepRun {
 public:
  SweepRun(const PrepareCell& prepare, const Spec& own, const SweepOptions& options)
      : prepare_(prepare), options_(options), grid_(checked_grid(own, options)), files_(options.directory) {
    result_.cells = grid_.cells;
  }

  SweepResult run() {
    files_.open(options_, result_.cells);
    plan();
    save();
    std::vector<int64_t> until;
    if (options_.halving) until = halving_epochs(options_.fit.epochs, rows_of_a_batch_size(result_.cells));
    for (int64_t epochs : until) {
      train_all(epochs);
      halve(result_.cells, epochs, metric());
      save();
    }
    train_all(options_.fit.epochs);
    save();
    return std::move(result_);
  }

 private:
  std::string metric() const { return options_.target ? options_.target->metric : usual_metric(result_.cells); }

  void save() {
    summarize(result_, options_.target);
    files_.write(result_);
  }

  PreparedCell prepared(size_t c) const {
    const SweepCell& cell = result_.cells[c];
    PreparedCell made = prepare_(grid_.points[c], cell.seed);
    change_batch_size(made.model, {.from = options_.batch_sizes.front(), .to = cell.batch_size, .rule = options_.rule});
    return made;
  }

  // As it is before the first cell: what fits is no more and no less than what batchwise train has room for.
  void measure(const PreparedCell& made) {
    if (measure_) return;
    int64_t held = 0;
    for (const Dataset* data : {&made.data, &made.validation})
      if (!data->empty() && data->has_rows()) held += data->source().resident_bytes();
    measure_.emplace(made.model, held, 0);
  }

  // Seeds and learning rates take the same memory.
  void plan() {
    std::map<std::pair<std::string, int64_t>, SweepCell> planned;
    for (size_t c = 0; c < result_.cells.size(); ++c) {
      SweepCell& cell = result_.cells[c];
      if (cell.state != "open" || !cell.epochs.empty()) continue;  // fit's own plan is known
      const std::pair<std::string, int64_t> key{cell.optimizer, cell.batch_size};
      if (!planned.contains(key)) planned[key] = plan_of(c);
      const SweepCell& plan = planned[key];
      cell.state = plan.state;
      cell.why = plan.why;
      cell.peak_bytes = plan.peak_bytes;
      cell.smallest_budget = plan.smallest_budget;
      cell.grain = plan.grain;
    }
  }

  SweepCell plan_of(size_t c) {
    SweepCell cell = result_.cells[c];
    const PreparedCell made = prepared(c);
    measure(made);
    const int64_t rows = rows_to_train_on(made);
    if (rows > 0 && cell.batch_size > rows) {
      cell.state = "infeasible";
      cell.why = "there are " + std::to_string(rows) + " samples to train on: a batch cannot be larger";
      return cell;
    }
    try {
      const Plan plan = made.model.plan({.batch_size = cell.batch_size,
                                         .memory = options_.fit.memory,
                                         .lanes = options_.fit.lanes,
                                         .grain = options_.fit.grain,
                                         .data = &made.data});
      cell.peak_bytes = plan.peak_bytes;
      cell.smallest_budget = plan.smallest_budget;
      cell.grain = plan.grain;
    } catch (const BudgetError& error) { refuse(cell, error); }
    return cell;
  }

  // 0: not known before they were read.
  int64_t rows_to_train_on(const PreparedCell& made) const {
    if (!made.data.has_rows()) return std::max<int64_t>(0, made.data.cardinality());
    const double share = made.validation.empty() ? 1 - options_.fit.validation_split : 1;
    return static_cast<int64_t>(std::floor(static_cast<double>(made.data.size()) * share));
  }

  static void refuse(SweepCell& cell, const BudgetError& error) {
    cell.state = "infeasible";
    cell.why = error.what();
    cell.smallest_budget = error.smallest_budget;
  }

  void train_all(int64_t epochs) {
    const bool to_the_end = epochs == options_.fit.epochs;
    for (size_t c = 0; c < result_.cells.size(); ++c) {
      SweepCell& cell = result_.cells[c];
      tell(c);
      if (cell.state != "open" || out_of_time(cell)) continue;
      if (!to_the_end && static_cast<int64_t>(cell.epochs.size()) >= epochs) continue;
      try {
        train(c, epochs);
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::Interrupted) throw;
        save();
        throw;
      }
      files_.write(cell);
      save();
      tell(c);
    }
  }

  bool out_of_time(SweepCell& cell) const {
    if (options_.seconds == 0) return false;
    double spent = 0;
    for (const SweepCell& other : result_.cells)
      if (!other.epochs.empty()) spent += other.epochs.back().seconds;
    const bool over = spent >= options_.seconds;
    cell.why = over ? "the time of the sweep was over" : "";
    return over;
  }

  // Of a cell that will not be trained again once, however often it is passed.
  void tell(size_t c) {
    if (ended_.contains(c)) return;
    if (result_.cells[c].state != "open") ended_.insert(c);
    if (options_.on_cell) options_.on_cell(result_.cells[c], c, result_.cells.size());
  }

  void train(size_t c, int64_t epochs) {
    SweepCell& cell = result_.cells[c];
    PreparedCell made = prepared(c);
    measure(made);
    FitOptions fit = options_.fit;
    fit.batch_size = cell.batch_size;
    fit.epochs = epochs;
    fit.seed = cell.seed;
    if (!made.validation.empty()) {
      fit.validation_data = made.validation;
      fit.validation_split = 0;
    }
    fit.checkpoint.directory = files_.checkpoints(cell);
    fit.checkpoint.resume = files_.kept();
    // Checkpoints keep the state of callbacks by position: the watch has one and comes first.
    std::vector<std::shared_ptr<Callback>> callbacks{
        std::make_shared<CellWatch>(cell, options_.samples, options_.target ? options_.target->metric : "")};
    callbacks.insert(callbacks.end(), fit.callbacks.begin(), fit.callbacks.end());
    if (options_.callbacks)
      for (const auto& callback : options_.callbacks(cell)) callbacks.push_back(callback);
    fit.callbacks = callbacks;
    try {
      const History history = made.model.fit(made.data, fit);
      if (history.samples_per_second > 0) cell.samples_per_second = history.samples_per_second;
    } catch (const BudgetError& error) { return refuse(cell, error); } catch (const NotFiniteError& error) {
      // An answer. A full disk or a closed output says nothing of the cell: it stays open, and the sweep ends.
      cell.state = "failed";
      cell.why = error.what();
      return;
    }
    if (epochs < options_.fit.epochs) return;
    cell.state = "done";
    cell.trained = on_samples_trained_on(made, fit);
    cell.weights_sha256 = weights_sha256(made.model);
  }

  // The metrics of an epoch are means while weights changed, most of all where an epoch has few updates: no measure of
  // what training samples are to the weights at its end.
  static Logs on_samples_trained_on(const PreparedCell& made, const FitOptions& fit) {
    if (!made.data.has_rows() || (fit.validation_data.empty() && fit.validation_split <= 0)) return {};
    const HeldOut parts = hold_out(made.data, fit, "sweep");
    const int64_t held = parts.holdout.has_rows() ? parts.holdout.size() : kMostTrainedOn;
    const int64_t rows = std::min({held, kMostTrainedOn, parts.train.size()});
    try {
      return batchwise::measure(made.model, parts.train.shuffle({.seed = 1}).take(rows),
                                fit);  // classes may come in turns
    } catch (const BudgetError&) { return {}; }
  }

  const PrepareCell& prepare_;
  const SweepOptions& options_;
  SweepGrid grid_;
  SweepFiles files_;
  SweepResult result_;
  std::optional<OneMeasure> measure_;  // of the process, for all cells
  std::set<size_t> ended_;             // cells whose end was told
};

}  // namespace

void check_sweep(const Spec& own, const SweepOptions& options) { checked_grid(own, options); }

SweepResult run_sweep(const PrepareCell& prepare, const Spec& own, const SweepOptions& options) {
  return SweepRun(prepare, own, options).run();
}

SweepResult sweep(const Model& model, const Dataset& data, const SweepOptions& options) {
  require(model.compiled().has_value(), "sweep", "the model must be compiled first. Got one that is not.");
  const PrepareCell prepare = [&](const SweepPoint& point, uint64_t seed) {
    PreparedCell made{model.copy(), data, {}};
    CompileOptions compile = *model.compiled();
    OptimizerState state = made.model.optimizer_state();
    if (point.optimizer) compile.optimizer = options.optimizers[*point.optimizer];
    if (point.learning_rate) compile.optimizer.config.set("learning_rate", *point.learning_rate);
    made.model.compile(compile);
    if (!point.optimizer) {
      made.model.optimizer_state() = std::move(state);
      if (point.learning_rate) made.model.optimizer_state().learning_rate = *point.learning_rate;
    }
    made.model.initialize_new(seed);
    return made;
  };
  return run_sweep(prepare, model.compiled()->optimizer, options);
}

}  // namespace batchwise
