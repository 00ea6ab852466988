// Batches as a DataLoader makes them: rows in the order of a sampler, read by workers, handed over in order.
#include <algorithm>
#include <exception>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>

#include <batchwise/data_loader.h>

#include "data/stages/batch.h"
#include "data/stages/batch_memory.h"
#include "data/stages/following_stage.h"
#include "data/stages/read_ahead.h"
#include "data/stages/rows.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

// Enough work for a worker that asking for it costs little.
constexpr int64_t kPieceBytes = 1 << 16;

using Sampler = std::function<std::vector<int64_t>(uint64_t pass)>;

std::vector<int64_t> rows_of(const Source& source, const Sampler& sampler, uint64_t pass) {
  std::vector<int64_t> rows = sampler(pass);
  for (const int64_t row : rows)
    require(row >= 0 && row < source.size(), "DataLoader", "a sampler must give rows in [0, ", source.size(), "). Got ",
            row, ".");
  return rows;
}

// The samples that a sampler names, one after another.
class Sampled final : public FollowingStage {
 public:
  Sampled(std::shared_ptr<const Stage> before, std::shared_ptr<const Source> source, Sampler sampler)
      : FollowingStage(std::move(before)), source_(std::move(source)), sampler_(std::move(sampler)) {}
  int64_t cardinality() const override { return static_cast<int64_t>(rows_of(*source_, sampler_, 0).size()); }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<SampledStream>(*source_, rows_of(*source_, sampler_, pass), pass);
  }
  bool ordered() const override { return true; }

 private:
  class SampledStream final : public Stream {
   public:
    SampledStream(const Source& source, std::vector<int64_t> rows, uint64_t pass)
        : source_(source), rows_(std::move(rows)), pass_(pass) {}
    bool next(Element& element) override {
      if (at_ == rows_.size()) return false;
      element = read_row(source_, rows_[at_++], pass_);
      return true;
    }
    int64_t skip(int64_t count) override {
      const size_t done = std::min(static_cast<size_t>(std::max<int64_t>(0, count)), rows_.size() - at_);
      at_ += done;
      return static_cast<int64_t>(done);
    }

   private:
    const Source& source_;
    std::vector<int64_t> rows_;
    uint64_t pass_;
    size_t at_ = 0;
  };
  std::shared_ptr<const Source> source_;
  Sampler sampler_;
};

class Loader final : public FollowingStage {
 public:
  // `before` are the samples; `source` the same (or what the sampler picks from) by number.
  Loader(std::shared_ptr<const Stage> before, std::shared_ptr<const Source> source, DataLoaderOptions options)
      : FollowingStage(std::move(before)), source_(std::move(source)), options_(std::move(options)), meter_("loader") {
    const int64_t each = std::max<int64_t>(1, element_bytes(this->before().columns()));
    piece_rows_ = std::clamp<int64_t>(kPieceBytes / each, 1, options_.batch_size);
  }

  std::vector<Column> columns() const override {
    if (!options_.collate) {
      std::vector<Column> columns = before().columns();
      for (Column& column : columns) column.shape = column.shape.with_batch(kUnknownDim);
      return columns;
    }
    std::call_once(looked_, [&] {
      Element first;
      if (LoaderStream(*this, 0, 0).next(first)) collated_ = columns_of(first);
    });
    return collated_;
  }
  int64_t cardinality() const override {
    return batches_of(before().cardinality(), options_.batch_size, options_.drop_last);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<LoaderStream>(*this, pass, options_.num_workers);
  }
  void report(std::vector<StageFacts>& facts) const override {
    before().report(facts);
    if (options_.num_workers != 0) facts.push_back(meter_.facts());
  }
  int64_t resident_bytes() const override {
    const int64_t batch = options_.batch_size * element_bytes(before().columns());
    if (options_.num_workers == 0) return before().resident_bytes() + batch;
    const int64_t pieces = options_.collate ? 1 : pieces_of(options_.batch_size);
    const int64_t ahead = options_.num_workers == kAutotune ? ReadAhead::most_depth(batch / pieces) : depth_in_pieces();
    // The batch in use, the one that is being handed over, and those that the pieces made ahead lie in.
    return before().resident_bytes() + (2 + (ahead + pieces - 1) / pieces) * batch;
  }
  int64_t rows_each() const override { return options_.batch_size; }
  std::shared_ptr<const Stage> samples() const override {
    if (options_.collate) return nullptr;
    if (!options_.drop_last) return before_pointer();
    return Dataset(before_pointer()).take(cardinality() * options_.batch_size).stage();
  }

 private:
  class LoaderStream final : public Stream {
   public:
    LoaderStream(const Loader& stage, uint64_t pass, int64_t workers) : stage_(stage), pass_(pass), workers_(workers) {
      if (stage_.options_.sampler) {
        rows_ = rows_of(*stage_.source_, stage_.options_.sampler, pass);
      } else {
        rows_.resize(static_cast<size_t>(stage_.source_->size()));
        std::iota(rows_.begin(), rows_.end(), int64_t{0});
      }
      batches_ = batches_of(static_cast<int64_t>(rows_.size()), stage_.options_.batch_size, stage_.options_.drop_last);
    }
    bool next(Element& element) override {
      if (at_ == batches_) return false;
      if (workers_ != 0 && (!ahead_ || at_ == end_)) begin();
      const int64_t index = at_++;
      if (workers_ == 0) {
        element = made(index);
        return true;
      }
      // All pieces of a batch are taken, so that who goes on after a fault goes on with the next batch.
      const int64_t pieces =
          stage_.options_.collate ? 1 : stage_.pieces_of(static_cast<int64_t>(rows_of_batch(index).size()));
      std::exception_ptr fault;
      for (int64_t p = 0; p < pieces; ++p) try {
          ahead_->next(element);
        } catch (...) {
          if (!fault) fault = std::current_exception();
        }
      stage_.meter_.elements -= pieces - 1;  // batches count, not their pieces
      if (fault) std::rethrow_exception(fault);
      return true;
    }
    // What workers were making ahead is dropped; they begin anew behind it, when they are asked.
    int64_t skip(int64_t count) override {
      const int64_t done = std::clamp<int64_t>(count, 0, batches_ - at_);
      if (done > 0) ahead_.reset();
      at_ += done;
      return done;
    }

    void expect(int64_t elements) override { expected_ = at_ + std::min(elements, batches_ - at_); }

   private:
    void begin() {
      ahead_.reset();  // its workers may still look at what comes next
      first_ = begun_ = at_;
      end_ = expected_ > at_ ? expected_ : batches_;
      begun_pieces_ = 0;
      const int64_t depth = workers_ == kAutotune ? kAutotune : stage_.depth_in_pieces();
      const auto asker = workers_ == kAutotune ? ReadAhead::Asker::Works : ReadAhead::Asker::Waits;
      if (stage_.options_.collate)
        ahead_.emplace([this](Element&, int64_t index) { return first_ + index < end_; },
                       [this](const Element&, int64_t index) { return made(first_ + index); }, workers_, depth,
                       stage_.meter_, 0, asker);
      else
        ahead_.emplace([this](Element& batch, int64_t) { return begin_piece(batch); },
                       [this](Element batch, int64_t index) { return filled(std::move(batch), index); }, workers_,
                       depth, stage_.meter_, stage_.piece_rows_ * element_bytes(stage_.before().columns()), asker);
    }
    std::span<const int64_t> rows_of_batch(int64_t index) const {
      const auto size = static_cast<size_t>(stage_.options_.batch_size), first = static_cast<size_t>(index) * size;
      return std::span(rows_).subspan(first, std::min(size, rows_.size() - first));
    }
    Element made(int64_t index) const {
      const auto rows = rows_of_batch(index);
      if (!stage_.options_.collate) return read_rows(*stage_.source_, rows, pass_, &stage_.memory_);
      std::vector<Element> samples;
      for (const int64_t row : rows) samples.push_back(read_row(*stage_.source_, row, pass_));
      return user_call(
          "collate", index * stage_.options_.batch_size, [&] { return stage_.describe(); },
          [&] { return stage_.options_.collate(samples); });
    }
    // The batch that the next piece lies in; made with its first one. Without memory for it its pieces have none: a
    // fault here would take the place of a piece.
    bool begin_piece(Element& batch) {
      if (begun_ == end_) return false;
      const auto rows = rows_of_batch(begun_);
      try {
        if (begun_pieces_ == 0)
          begun_batch_ = room_for_rows(*stage_.source_, static_cast<int64_t>(rows.size()), &stage_.memory_);
        batch = begun_batch_;
      } catch (const std::bad_alloc&) { batch.clear(); }
      if (++begun_pieces_ == stage_.pieces_of(static_cast<int64_t>(rows.size()))) {
        begun_batch_.clear();
        begun_pieces_ = 0;
        ++begun_;
      }
      return true;
    }
    Element filled(Element batch, int64_t piece) const {
      if (batch.empty()) throw std::bad_alloc();
      const int64_t pieces = stage_.pieces_of(stage_.options_.batch_size);  // of every batch but the last
      const auto rows = rows_of_batch(first_ + piece / pieces);
      const int64_t first = piece % pieces * stage_.piece_rows_;
      const int64_t count = std::min(stage_.piece_rows_, static_cast<int64_t>(rows.size()) - first);
      Element part;
      for (const Array& array : batch) part.push_back(array.slice(first, count));
      read_into(*stage_.source_, rows.subspan(static_cast<size_t>(first), static_cast<size_t>(count)), pass_, part);
      return batch;
    }

    const Loader& stage_;
    const uint64_t pass_;
    std::vector<int64_t> rows_;
    const int64_t workers_;
    int64_t batches_ = 0, at_ = 0;
    int64_t expected_ = 0;                  // batches that will be asked for
    int64_t first_ = 0, end_ = 0;           // the batches that workers make
    int64_t begun_ = 0, begun_pieces_ = 0;  // batches, and pieces of the one that is being made
    Element begun_batch_;
    std::optional<ReadAhead> ahead_;  // last: its workers use the rest
  };

  int64_t pieces_of(int64_t rows) const { return (rows + piece_rows_ - 1) / piece_rows_; }
  int64_t depth_in_pieces() const {
    const int64_t batches = options_.num_workers * options_.prefetch_factor;
    return options_.collate ? batches : batches * pieces_of(options_.batch_size);
  }

  std::shared_ptr<const Source> source_;
  DataLoaderOptions options_;
  int64_t piece_rows_;  // samples that a worker reads at a time: workers share a batch
  mutable std::once_flag looked_;
  mutable std::vector<Column> collated_;  // of the first batch that was collated
  mutable StageMeter meter_;
  mutable BatchMemory memory_;
};

}  // namespace

DataLoader::DataLoader(const Dataset& data, const DataLoaderOptions& options) {
  const char* where = "DataLoader";
  require(!data.empty(), where, "the data must have at least one sample. Got none.");
  require(options.batch_size >= 1 && options.num_workers >= kAutotune && options.prefetch_factor >= 1, where,
          "batch_size and prefetch_factor must be at least 1 and num_workers 0 or more. Got ", options.batch_size, ", ",
          options.prefetch_factor, " and ", options.num_workers, ".");
  require(!options.shuffle || !options.sampler, where, "shuffle and sampler cannot be given together.");
  if (!data.has_rows()) {
    require(!options.shuffle && !options.sampler && !options.collate, where,
            "shuffle, sampler and collate need samples that can be had by number. Got ", data.describe(),
            ", whose elements come one after another.");
    data_ = data.batch(options.batch_size, {.drop_remainder = options.drop_last});
    if (options.num_workers != 0)
      data_ =
          data_.prefetch(options.num_workers == kAutotune ? kAutotune : options.num_workers * options.prefetch_factor);
    return;
  }
  Dataset samples = options.shuffle ? data.shuffle({.seed = options.seed}) : data;
  std::shared_ptr<const Source> source = samples.stage()->rows();
  const std::shared_ptr<const Stage> before =
      options.sampler ? std::make_shared<Sampled>(samples.stage(), source, options.sampler) : samples.stage();
  data_ = Dataset(std::make_shared<Loader>(before, std::move(source), options));
  if (!options.collate) data_ = data_.with_roles(data.num_inputs(), data.num_targets());
}

}  // namespace batchwise
