// Batches as a DataLoader makes them: rows in the order of a sampler, read by workers, handed over in order.
#include <algorithm>
#include <numeric>
#include <optional>

#include <batchwise/data_loader.h>

#include "data/stages/batch.h"
#include "data/stages/batch_memory.h"
#include "data/stages/following_stage.h"
#include "data/stages/read_ahead.h"
#include "data/stages/rows.h"

namespace batchwise {
namespace {

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
      : FollowingStage(std::move(before)), source_(std::move(source)), options_(std::move(options)), meter_("loader") {}

  std::vector<Column> columns() const override {
    if (!options_.collate) {
      std::vector<Column> columns = before().columns();
      for (Column& column : columns) column.shape = column.shape.with_batch(kUnknownDim);
      return columns;
    }
    Element first;
    return LoaderStream(*this, 0, 0).next(first) ? columns_of(first) : std::vector<Column>{};
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
    const int64_t ahead = options_.num_workers == kAutotune ? 2 * options_.prefetch_factor
                                                            : options_.num_workers * options_.prefetch_factor;
    return before().resident_bytes() + (1 + ahead) * batch;
  }
  std::shared_ptr<const Stage> samples() const override {
    if (options_.collate) return nullptr;
    if (!options_.drop_last) return before_pointer();
    return Dataset(before_pointer()).take(cardinality() * options_.batch_size).stage();
  }

 private:
  class LoaderStream final : public Stream {
   public:
    LoaderStream(const Loader& stage, uint64_t pass, int64_t workers) : stage_(stage), pass_(pass) {
      if (stage_.options_.sampler) {
        rows_ = rows_of(*stage_.source_, stage_.options_.sampler, pass);
      } else {
        rows_.resize(static_cast<size_t>(stage_.source_->size()));
        std::iota(rows_.begin(), rows_.end(), int64_t{0});
      }
      batches_ = batches_of(static_cast<int64_t>(rows_.size()), stage_.options_.batch_size, stage_.options_.drop_last);
      if (workers != 0)
        ahead_.emplace([this](Element&, int64_t index) { return index < batches_; },
                       [this](Element, int64_t index) { return made(index); }, workers,
                       workers == kAutotune ? kAutotune : workers * stage_.options_.prefetch_factor, stage_.meter_);
    }
    bool next(Element& element) override {
      if (ahead_) return ahead_->next(element);
      if (at_ == batches_) return false;
      element = made(at_++);
      return true;
    }

   private:
    Element made(int64_t index) const {
      const int64_t size = stage_.options_.batch_size, first = index * size;
      const std::span<const int64_t> all(rows_);
      const auto rows = all.subspan(static_cast<size_t>(first),
                                    std::min(static_cast<size_t>(size), all.size() - static_cast<size_t>(first)));
      if (!stage_.options_.collate) return read_rows(*stage_.source_, rows, pass_, &stage_.memory_);
      std::vector<Element> samples;
      for (const int64_t row : rows) samples.push_back(read_row(*stage_.source_, row, pass_));
      return stage_.options_.collate(samples);
    }
    const Loader& stage_;
    const uint64_t pass_;
    std::vector<int64_t> rows_;
    int64_t batches_ = 0, at_ = 0;
    std::optional<ReadAhead> ahead_;  // last: its workers use the rest
  };

  std::shared_ptr<const Source> source_;
  DataLoaderOptions options_;
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
