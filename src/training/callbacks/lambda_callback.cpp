// LambdaCallback: functions in place of a class.
#include <batchwise/callbacks.h>

namespace batchwise {

void LambdaCallback::on_train_begin(const RunFacts& facts, RunControl& run) {
  if (train_begin) train_begin(facts, run);
}
void LambdaCallback::on_epoch_begin(int64_t epoch, RunControl& run) {
  if (epoch_begin) epoch_begin(epoch, run);
}
void LambdaCallback::on_train_batch_end(int64_t step, const Logs& logs, RunControl& run) {
  if (train_batch_end) train_batch_end(step, logs, run);
}
void LambdaCallback::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  if (epoch_end) epoch_end(epoch, logs, run);
}
void LambdaCallback::on_train_end(const Logs& logs, RunControl& run) {
  if (train_end) train_end(logs, run);
}

}  // namespace batchwise
