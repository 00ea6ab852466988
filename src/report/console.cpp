// Progress on a console.
#include "report/console.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include <unistd.h>

#include "report/progress_bar.h"
#include "report/progress_text.h"
#include "training/callbacks/observers.h"

namespace batchwise {
namespace {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class Console final : public Callback {
 public:
  Console(int verbose, std::ostream& out, bool terminal, std::function<double()> clock)
      : verbose_(verbose),
        out_(out),
        style_(terminal && verbose == 1 ? ProgressStyle::Bar : ProgressStyle::Line),
        clock_(std::move(clock)) {}
  // Of a run that failed: what is said of it begins a line.
  ~Console() override {
    if (bar_) bar_->interrupt();
  }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void on_message(const std::string& message) override {
    if (bar_) bar_->interrupt();
    out_ << message << '\n' << std::flush;
  }

  void on_train_begin(const RunFacts& facts, RunControl&) override {
    facts_ = facts;
    training_ = true;
  }

  void on_epoch_begin(int64_t epoch, RunControl& run) override {
    if (verbose_ == 0) return;
    if (facts_.epochs > 1) out_ << "Epoch " << epoch + 1 << "/" << facts_.epochs << '\n' << std::flush;
    begin(run.progress().steps);
  }

  void on_batch_size(const RunProgress& now, int64_t, const std::string&) override {
    if (bar_) bar_->set_steps(now.steps);
  }

  void on_train_batch_end(int64_t step, const Logs& logs, RunControl&) override { update(step, logs); }
  void on_epoch_end(int64_t, Logs& logs, RunControl& run) override {
    const auto scale = run.noise_scale();
    finish(logs, scale ? " - noise scale: " + noise_scale_text(*scale) : "");
  }
  void on_train_end(const Logs&, RunControl&) override { training_ = false; }

  // Within fit, validation shows nothing of its own: its results come with the end of the epoch.
  void on_test_begin(const RunFacts& facts) override {
    if (training_) return;
    facts_ = facts;
    if (verbose_ > 0) begin(facts.steps);
  }
  void on_test_batch_end(int64_t step, const Logs& logs) override {
    if (!training_) update(step, logs);
  }
  void on_test_end(const Logs& logs) override {
    if (!training_) finish(logs);
  }

  std::string name() const override { return "Console"; }

 private:
  void begin(int64_t steps) {
    seen_ = 0;
    bar_.emplace(out_, style_, steps, clock_);
  }
  void update(int64_t step, const Logs& logs) {
    if (verbose_ == 0) return;
    if (!bar_) begin(facts_.steps);  // a run resumed within an epoch does not begin it again
    seen_ = step + 1;
    bar_->update(seen_, logs);
  }
  void finish(const Logs& logs, const std::string& note = "") {
    if (bar_) bar_->finish(seen_, logs, note);
    bar_.reset();
  }

  int verbose_;
  std::ostream& out_;
  ProgressStyle style_;
  std::function<double()> clock_;
  RunFacts facts_;
  bool training_ = false;
  int64_t seen_ = 0;
  std::optional<ProgressBar> bar_;
};

// What a `verbose` above 0 shows where no console was asked for.
const bool registered = [] {
  progress_factory() = [](int verbose) { return make_console(verbose, std::cout, isatty(STDOUT_FILENO) == 1); };
  return true;
}();

}  // namespace

std::shared_ptr<Callback> make_console(int verbose, std::ostream& out, bool terminal, std::function<double()> clock) {
  return std::make_shared<Console>(verbose, out, terminal, clock ? std::move(clock) : steady_seconds);
}

}  // namespace batchwise
