// TensorBoard's event files: scalars, appended while a run goes on; and a reader for what was written.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace batchwise {

struct TfScalar {
  std::string tag;  // "epoch_loss"
  int64_t step = 0;
  float value = 0;
  double wall_time = 0;  // seconds since 1970
};

// Appends to a new file `events.out.tfevents.<time>.<host>.<pid>.<serial>` in `directory`, which is made when missing.
// Every event reaches the file whole as soon as it is written (TensorBoard reads while the run goes on).
class TfEventsWriter {
 public:
  explicit TfEventsWriter(const std::string& directory);
  ~TfEventsWriter();
  TfEventsWriter(const TfEventsWriter&) = delete;
  TfEventsWriter& operator=(const TfEventsWriter&) = delete;

  void scalar(const std::string& tag, int64_t step, double value);  // at the present time
  void write(const TfScalar& scalar);
  const std::string& path() const { return path_; }

 private:
  void record(const std::string& event);

  std::string path_;
  int descriptor_ = -1;
};

// The scalars of a file in order, both forms that TensorFlow has written (simple_value and a float tensor); other
// events are passed over. Throws Error(Input) at a damaged record; an incomplete last record is left out, since the
// writer may be at work.
std::vector<TfScalar> read_tfevents(const std::string& path);

}  // namespace batchwise
