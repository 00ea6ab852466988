// TerminateOnNaN: stops a run whose loss is no number any more.
#include <cmath>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

namespace batchwise {

TerminateOnNaN::TerminateOnNaN(TerminateOnNaNOptions options) : options_(options) {}

void TerminateOnNaN::on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) {
  const double* loss = find_log(logs, "loss");
  if (!loss || std::isfinite(*loss)) return;
  if (options_.raise_error)
    fail_not_finite("TerminateOnNaN", "the loss must be finite. Got ", *loss, " in batch ", step, ".");
  run.message("Batch " + std::to_string(step) + ": Invalid loss, terminating training");
  run.stop();
}

}  // namespace batchwise
