// What the process takes besides all that a plan counts by itself: code, libraries, and what else is held.
#pragma once

#include <cstdint>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

namespace batchwise {

// Between one process and the next that does the same: what a plan names is to be enough there as well.
constexpr int64_t kProcessDrift = int64_t{1} << 20;

// Of this process now, less what a session of `model` replaces (weights, and for training the optimizer's state) and
// what its data holds; and what a session adds beside its plan. Or what the newest OneMeasure of this thread says.
struct ProcessBytes {
  int64_t bytes = 0;     // 0: not measured
  int64_t rounding = 0;  // that makes it the same in the next process, nearly always
};
ProcessBytes process_bytes(const Model& model, bool training, int64_t data_bytes);

int64_t model_bytes(const Model& model);  // weights and the optimizer's state, as the model itself holds them

// While it lives, all plans and sessions of this thread count the process as it was when it was made: what fits is
// decided once for many runs, and what they leave behind them, code that was read and freed memory, counts for none.
class OneMeasure {
 public:
  // `data_bytes`: what the data of the runs holds already. `beside`: what will be held beside a session.
  OneMeasure(const Model& model, int64_t data_bytes, int64_t beside);
  ~OneMeasure();
  OneMeasure(const OneMeasure&) = delete;
  OneMeasure& operator=(const OneMeasure&) = delete;

  void hold(int64_t bytes) { held_ += bytes; }  // more of data, or of models that are not trained; negative: less

  static bool alive();

 private:
  friend ProcessBytes process_bytes(const Model& model, bool training, int64_t data_bytes);
  int64_t process_ = 0, held_ = 0;
  const OneMeasure* outer_;
};

}  // namespace batchwise
