// The events of a run, one JSON line each.
#include "report/json_lines.h"

#include <batchwise/error.h>

#include "report/events.h"

namespace batchwise {

void write_event(std::ostream& out, const Config& event) {
  out << json_line(event) << '\n' << std::flush;
  if (!out)
    fail_run("output",
             "events must be written as they happen. Got an error from the stream they go to (is it closed, or its "
             "disk full?).");
}

namespace {

class JsonLines final : public Callback {
 public:
  explicit JsonLines(std::ostream& out) : out_(out) {}
  void on_plan(const Plan& plan) override { write_event(out_, plan_event(plan)); }
  void on_batch_size(const RunProgress& now, int64_t before, const std::string& why) override {
    write_event(out_, batch_size_event(now, before, why));
  }
  void on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) override {
    write_event(out_, epoch_event(epoch + 1, logs));
    const RunProgress at = run.progress();
    write_event(out_, progress_event(epoch + 1, at, run.learning_rate()));
    if (const auto scale = run.noise_scale()) write_event(out_, noise_scale_event(epoch + 1, at.samples, *scale));
  }
  std::string name() const override { return "JsonLines"; }

 private:
  std::ostream& out_;
};

}  // namespace

std::shared_ptr<Callback> make_json_lines(std::ostream& out) { return std::make_shared<JsonLines>(out); }

}  // namespace batchwise
