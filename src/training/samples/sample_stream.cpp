// Samples one after another into buffers.
#include "training/samples/sample_stream.h"

#include <algorithm>
#include <system_error>

#include "training/samples/element_hash.h"

namespace batchwise {
namespace {

std::string hash_of(const Element& sample) { return std::to_string(element_hash(sample, 0)); }

}  // namespace

SampleStream::SampleStream(std::shared_ptr<const Stage> stage, bool batches, std::vector<Column> columns,
                           int64_t capacity, bool ahead)
    : stage_(std::move(stage)), batches_(batches) {
  if (ahead) spare_ = std::make_shared<SampleBuffer>(columns, capacity, stage_->describe());
  buffer_ = std::make_shared<SampleBuffer>(std::move(columns), capacity, stage_->describe());
}

SampleStream::~SampleStream() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

int64_t SampleStream::buffer_bytes() const { return buffer_->resident_bytes() * (spare_ ? 2 : 1); }

void SampleStream::open() {
  buffer_->open();
  if (spare_) spare_->open();
}

void SampleStream::serve() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return asked_ || stop_; });
    if (stop_) return;
    lock.unlock();
    int64_t filled = 0;
    std::exception_ptr error;
    try {
      filled = read(*spare_, spare_->size());
    } catch (...) { error = std::current_exception(); }
    lock.lock();
    filled_ = filled;
    error_ = error;
    asked_ = false;
    changed_.notify_all();
  }
}

void SampleStream::ask() {
  if (!thread_.joinable()) try {
      thread_ = std::thread([this] { serve(); });
    } catch (const std::system_error& error) {
      fail_run("data", "the system must be able to start a thread that reads ahead. Got: ", error.what(), ".");
    }
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  changed_.notify_all();
}

void SampleStream::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !asked_; });
  if (error_) std::rethrow_exception(error_);
}

void SampleStream::start(uint64_t pass, int64_t position, int64_t most, bool even) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !asked_; });
    error_ = nullptr;
  }
  open();
  started_ = true;
  batch_stream_.reset();
  sample_stream_.reset();
  has_sample_ = false;
  fingerprint_.clear();
  filled_ = 0;
  pass_ = pass;
  left_ = most;
  if (most == 0) return;
  if (batches_) batch_stream_ = std::make_unique<UnbatchStream>(stage_->open(pass), stage_->rows_each());
  else sample_stream_ = stage_->open(pass);
  Stream& stream = batches_ ? static_cast<Stream&>(*batch_stream_) : *sample_stream_;
  even_ = even || position == 0;
  if (position > 0) {
    const int64_t skipped = batches_ && even ? batch_stream_->skip_even(position) : stream.skip(position);
    require(skipped == position, stage_->describe(),
            "the data must have the samples that the run has used of this pass, ", position, ". Got ", skipped, ".");
  }
  if (most > 0) stream.expect(most);
  if (position == 0 && there()) {
    Element first = sample_;
    if (batches_) {
      int64_t row = 0, rows = 0;
      for (const Array& array : batch_stream_->rest(row, rows)) first.push_back(array.slice(row, 1));
    }
    fingerprint_ = hash_of(first);
  }
  if (spare_) ask();
}

bool SampleStream::there() {
  if (left_ == 0) return false;
  if (batches_) {
    int64_t first = 0, rows = 0;
    return !batch_stream_->rest(first, rows).empty();
  }
  if (!has_sample_) has_sample_ = sample_stream_->next(sample_);
  return has_sample_;
}

int64_t SampleStream::read(SampleBuffer& into, int64_t count) {
  count = std::min(count, into.size());
  if (left_ >= 0) count = std::min(count, left_);
  int64_t filled = 0;
  while (filled < count && !stop_ && there()) {
    if (batches_) {
      int64_t first = 0, rows = 0;
      const std::span<const Array> batch = batch_stream_->rest(first, rows);
      rows = std::min(rows, count - filled);
      into.put(filled, batch, first, rows);
      batch_stream_->skip(rows);
      filled += rows;
    } else {
      into.put(filled++, sample_, -1, 1);
      has_sample_ = false;
    }
  }
  if (left_ >= 0) left_ -= filled;
  return filled;
}

bool SampleStream::more() {
  if (!spare_) return there();
  wait();
  return filled_ > 0;
}

int64_t SampleStream::fill(int64_t count) {
  if (!spare_) return read(*buffer_, count);
  wait();
  const int64_t filled = filled_;
  if (filled == 0) return 0;
  buffer_->swap(*spare_);
  ask();
  return filled;
}

}  // namespace batchwise
