// A data set as training reads it: by number where that is possible, else through a buffer that is filled anew for
// each batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "training/samples/sample_stream.h"

namespace batchwise {

class Samples {
 public:
  Samples() = default;
  // Elements that are batches, of any size, are cut into samples; which they are, the model's inputs tell. `capacity`:
  // the most samples that are read at once, when they have to be buffered. `ahead`: always so many, and the next ones
  // while these are used.
  // Takes no memory until it is opened.
  Samples(const Model& model, const Dataset& data, int64_t capacity, bool ahead = false);
  Samples with_buffers(int64_t capacity, bool ahead) const;  // the same samples through other buffers, if through any

  bool empty() const { return data_.empty(); }
  bool streamed() const { return stream_ != nullptr; }
  bool reads_ahead() const { return streamed() && stream_->reads_ahead(); }
  // What sessions read from: all samples, or the buffer, whose first rows are those of the last fill.
  const Dataset& rows() const { return data_; }
  int64_t count() const;  // samples of a pass; kInfinite, kUnknown
  bool ordered() const { return ordered_; }
  int64_t resident_bytes() const;  // memory that is held from the beginning
  int64_t ahead_bytes() const;     // memory that buffers and stages will hold
  void open();                     // takes that of the buffers

  void hold_decoded(DecodedRoom& room) const;
  void report(std::vector<StageFacts>& facts) const;

  SampleStream& stream() { return *stream_; }  // REQUIRES: streamed()

 private:
  Dataset data_;
  bool ordered_ = false;
  std::unique_ptr<SampleStream> stream_;
};

}  // namespace batchwise
