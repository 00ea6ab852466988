// A pass over samples that come one after another, a buffer at a time; the next one is filled while this one is used.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "data/stages/unbatch.h"
#include "training/samples/sample_buffer.h"

namespace batchwise {

class SampleStream {
 public:
  // The samples of `stage`'s elements, which are batches or samples. With `ahead`, a thread of its own reads.
  SampleStream(std::shared_ptr<const Stage> stage, bool batches, std::vector<Column> columns, int64_t capacity,
               bool ahead);
  ~SampleStream();
  SampleStream(const SampleStream&) = delete;

  const std::shared_ptr<SampleBuffer>& buffer() const { return buffer_; }
  const std::shared_ptr<const Stage>& stage() const { return stage_; }
  bool batches() const { return batches_; }
  bool reads_ahead() const { return spare_ != nullptr; }
  int64_t buffer_bytes() const;  // once it is open
  void open();                   // takes the memory of its buffers, the first time; throws BudgetError

  // Opens it. The next fill begins with the sample at `position` of the pass. `most`: samples that will be asked for
  // from there on; no more are read, so that data which waits for its next sample holds nobody up. kUnknown: to the
  // end. `even`: what even() was at that position, so that batches before it need not be made.
  void start(uint64_t pass, int64_t position, int64_t most = kUnknown, bool even = false);
  // So far the batches of the pass had as many rows as their stage says. True only where elements are batches.
  bool even() const { return even_ && batch_stream_ && batch_stream_->even(); }
  bool more();  // there is another sample in the pass
  bool started() const { return started_; }
  int64_t fill(int64_t count);  // REQUIRES: started(); how many there were. With `ahead`, `count` is the capacity
  // Of the first sample of the pass; "" for a pass that was not begun with it.
  const std::string& fingerprint() const { return fingerprint_; }
  uint64_t pass() const { return pass_; }

 private:
  void serve();
  void ask();   // the thread, for another buffer
  void wait();  // for it; throws what it threw
  bool there();
  int64_t read(SampleBuffer& into, int64_t count);

  std::shared_ptr<const Stage> stage_;
  const bool batches_;
  std::shared_ptr<SampleBuffer> buffer_, spare_;
  std::unique_ptr<UnbatchStream> batch_stream_;
  std::unique_ptr<Stream> sample_stream_;
  Element sample_;  // one ahead of read: tells whether there is more
  bool has_sample_ = false;
  std::string fingerprint_;
  uint64_t pass_ = 0;
  bool started_ = false;
  bool even_ = false;        // before the position that was started at
  int64_t left_ = kUnknown;  // of the samples that will be asked for

  std::mutex mutex_;
  std::condition_variable changed_;
  bool asked_ = false;
  std::atomic<bool> stop_ = false;  // also looked at while a batch is read
  int64_t filled_ = 0;              // samples of the spare buffer
  std::exception_ptr error_;
  std::thread thread_;
};

}  // namespace batchwise
