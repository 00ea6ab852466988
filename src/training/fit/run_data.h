// What a run trains and validates on, at one batch size: samples by number, or through buffers of that size.
#pragma once

#include <cstdint>

#include <batchwise/dataset.h>
#include <batchwise/model.h>
#include <batchwise/training.h>

#include "training/samples/samples.h"
#include "training/session/blueprint.h"

namespace batchwise {

class RunData {
 public:
  // Throws where data and options contradict each other. Takes no memory until it is opened.
  RunData(const Model& model, const Dataset& data, const FitOptions& options);
  RunData at(int64_t batch_size, bool ahead = true) const;  // the same data, through other buffers
  RunData held() const;                                     // the same rows, in memory. REQUIRES: !streamed()
  void open();                                              // takes the memory of the buffers

  int64_t batch_size() const { return batch_size_; }
  int64_t validation_batch() const { return stated_validation_batch_ > 0 ? stated_validation_batch_ : batch_size_; }
  bool streamed() const { return samples_.streamed(); }
  bool reads_ahead() const { return samples_.reads_ahead(); }
  int64_t samples_in_pass() const;  // kInfinite, kUnknown
  int64_t samples_read() const;     // of the training data: with those that are held out of them
  const Samples& samples() const { return samples_; }
  SampleStream& stream() { return samples_.stream(); }           // REQUIRES: streamed()
  Samples& validation_samples() { return validation_samples_; }  // of validation_data; else empty
  const Dataset& whole() const { return whole_; }                // before a part was held out
  const Dataset& training() const { return training_; }
  const Dataset& validation() const { return validation_; }  // empty: none

  void hold_decoded(DecodedRoom& room) const;
  void asks(SessionRequest& request) const;  // says which data there are, and the memory that they take

 private:
  void divide();

  int64_t batch_size_, stated_validation_batch_;
  double validation_split_;
  Samples samples_, validation_samples_;
  bool held_ = false;
  Dataset whole_, training_, validation_;

  RunData(const RunData& like, Samples samples, Samples validation_samples, Dataset whole, int64_t batch_size);
};

}  // namespace batchwise
