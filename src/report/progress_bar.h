// One progress bar: counts steps of an epoch and draws itself as Keras does.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include <batchwise/callback.h>

namespace batchwise {

enum class ProgressStyle { Bar, Line };  // redrawn in place, or one line when the epoch is over

class ProgressBar {
 public:
  // `clock` gives seconds since any fixed moment. `steps` 0: unknown.
  ProgressBar(std::ostream& out, ProgressStyle style, int64_t steps, std::function<double()> clock);

  void update(int64_t step, const Logs& logs);                                // steps done so far
  void finish(int64_t step, const Logs& logs, const std::string& note = "");  // `note`: at the end of the line
  void set_steps(int64_t steps) { steps_ = steps; }                           // they changed on the way
  // Room for a message: ends a bar that is drawn; the next update draws it again below.
  void interrupt();

 private:
  double seconds_per_step(int64_t step, double now);
  void draw(int64_t step, const Logs& logs, double now, double per_step, bool last, const std::string& note = "");
  void write_line(int64_t step, const Logs& logs, double now, double per_step, const std::string& note);

  std::ostream& out_;
  ProgressStyle style_;
  int64_t steps_;
  std::function<double()> clock_;
  double start_;
  int64_t steps_before_ = -1;  // of the epoch, made before this bar: by a run that was resumed
  double first_step_end_ = -1;
  double last_drawn_ = -1;
  int64_t width_ = 0;  // columns that the last drawing took
};

}  // namespace batchwise
