// A data set as training reads it: by number where that is possible, else through a buffer that is filled anew for
// each batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "data/stages/unbatch.h"

namespace batchwise {

class Samples {
 public:
  Samples() = default;
  // Elements that are batches, of any size, are cut into samples; which they are, the model's inputs tell. `capacity`:
  // the most samples that are read at once, when they have to be buffered.
  Samples(const Model& model, const Dataset& data, int64_t capacity);

  bool empty() const { return data_.empty(); }
  bool streamed() const { return buffer_ != nullptr; }
  // What sessions read from: all samples, or the buffer, whose first rows are those of the last fill.
  const Dataset& rows() const { return data_; }
  int64_t count() const;  // samples of a pass; kInfinite, kUnknown
  bool ordered() const { return ordered_; }
  int64_t resident_bytes() const;  // memory that is held
  int64_t ahead_bytes() const;     // memory that the stages will hold

  // --- for streamed() alone
  void start(uint64_t pass, int64_t position);  // the next fill begins with the sample at `position` of the pass
  bool more();                                  // there is another sample in the pass
  int64_t fill(int64_t count);                  // how many there were, at most `count` and the capacity
  // What the first sample of the pass looks like: a resumed run finds out with it that it was given other data.
  const std::string& fingerprint() const { return fingerprint_; }
  uint64_t pass() const { return pass_; }

 private:
  class Buffer;
  bool load();

  Dataset data_;
  bool ordered_ = false;
  std::shared_ptr<const Stage> stage_;  // of what is streamed
  bool batches_ = false;                // its elements are batches
  std::shared_ptr<Buffer> buffer_;
  std::unique_ptr<UnbatchStream> batch_stream_;
  std::unique_ptr<Stream> sample_stream_;
  Element sample_;  // one sample ahead of fill: tells whether there is more
  bool has_sample_ = false;
  std::string fingerprint_;
  uint64_t pass_ = 0;
};

class Session;
struct RunningSums;
int64_t stream_part(int64_t batch_size);  // samples that inference reads at once from a stream: whole batches
// Session::evaluate over a whole pass of a stream, or its first `samples` samples.
RunningSums evaluate(Session& session, Samples& data, int64_t samples, int64_t batch_size);

// What some rows look like, over the whole data set: other data are known by it.
std::string fingerprint_of(const Source& source);

}  // namespace batchwise
