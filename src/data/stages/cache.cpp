// Elements that are made once and kept, in memory: complete after the first whole pass.
#include <algorithm>
#include <cstring>
#include <mutex>

#include <batchwise/dataset.h>

#include "data/sample_cache/cached_samples.h"
#include "data/stages/cache_file.h"
#include "data/stages/following_stage.h"
#include "data/stages/rows.h"
#include "data/written_once.h"

namespace batchwise {
namespace {

// What is kept does not depend on who asked first: all of it is of pass 0.
constexpr uint64_t kKeptPass = 0;

struct Kept {
  std::mutex mutex;
  std::shared_ptr<const std::vector<Element>> elements;  // null: not complete yet
};

class KeptStream final : public Stream {
 public:
  explicit KeptStream(std::shared_ptr<const std::vector<Element>> elements) : elements_(std::move(elements)) {}
  bool next(Element& element) override {
    if (at_ == elements_->size()) return false;
    element = (*elements_)[at_++];
    return true;
  }
  int64_t skip(int64_t count) override {
    const size_t done = std::min(static_cast<size_t>(std::max<int64_t>(count, 0)), elements_->size() - at_);
    at_ += done;
    return static_cast<int64_t>(done);
  }

 private:
  std::shared_ptr<const std::vector<Element>> elements_;
  size_t at_ = 0;
};

// The first pass: what it gives is kept when it comes to its end.
class KeepingStream final : public Stream {
 public:
  KeepingStream(std::unique_ptr<Stream> before, std::shared_ptr<Kept> kept)
      : before_(std::move(before)), kept_(std::move(kept)) {}
  bool next(Element& element) override {
    if (ended_) return false;
    if (before_->next(element)) {
      made_.push_back(element);
      return true;
    }
    ended_ = true;
    const std::lock_guard lock(kept_->mutex);
    if (!kept_->elements) kept_->elements = std::make_shared<const std::vector<Element>>(std::move(made_));
    return false;
  }

 private:
  std::unique_ptr<Stream> before_;
  std::shared_ptr<Kept> kept_;
  std::vector<Element> made_;
  bool ended_ = false;
};

// Rows kept where they were read first. Readers that meet at one row both make it: they make the same.
class KeptRows final : public Source {
 public:
  explicit KeptRows(std::shared_ptr<const Source> source) : source_(std::move(source)) {
    for (const Column& column : source_->columns()) {
      row_bytes_.push_back(column.shape.count() * size_of(column.dtype));
      kept_.emplace_back(new std::byte[static_cast<size_t>(std::max<int64_t>(1, row_bytes_.back() * size()))]);
    }
    there_ = WrittenOnce(static_cast<size_t>(size()));
  }
  int64_t size() const override { return source_->size(); }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override { return source_->describe_row(row, pass); }
  bool costly() const override { return true; }
  int64_t reader_bytes() const override { return source_->reader_bytes() + element_bytes(columns()); }
  int64_t resident_bytes() const override {
    return source_->resident_bytes() + size() * (element_bytes(columns()) + WrittenOnce::kBytesEach);
  }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    std::vector<void*> all(columns().size(), nullptr);
    all[static_cast<size_t>(column)] = out;
    read(rows, kKeptPass, all);
  }
  void read(std::span<const int64_t> rows, uint64_t, std::span<void* const> out) const override {
    for (size_t r = 0; r < rows.size(); ++r) {
      const int64_t row = rows[r];
      require(row >= 0 && row < size(), describe(), "rows must be in [0, ", size(), "). Got ", row, ".");
      if (!there_.there(static_cast<size_t>(row))) keep(row, r, out);
      else
        for (size_t c = 0; c < out.size(); ++c)
          if (out[c]) std::memcpy(at(out[c], c, static_cast<int64_t>(r)), at(kept_[c].get(), c, row), bytes(c));
    }
  }

 private:
  size_t bytes(size_t column) const { return static_cast<size_t>(row_bytes_[column]); }
  std::byte* at(void* base, size_t column, int64_t row) const {
    return static_cast<std::byte*>(base) + row * row_bytes_[column];
  }
  void keep(int64_t row, size_t r, std::span<void* const> out) const {
    const Element made = read_row(*source_, row, kKeptPass);
    for (size_t c = 0; c < out.size(); ++c)
      if (out[c]) std::memcpy(at(out[c], c, static_cast<int64_t>(r)), made[c].raw(), bytes(c));
    there_.write(static_cast<size_t>(row), [&] {
      for (size_t c = 0; c < made.size(); ++c) std::memcpy(at(kept_[c].get(), c, row), made[c].raw(), bytes(c));
    });
  }

  std::shared_ptr<const Source> source_;
  std::vector<int64_t> row_bytes_;
  std::vector<std::unique_ptr<std::byte[]>> kept_;
  mutable WrittenOnce there_;
};

// Rows that do not know what they are: a cache of them is known by their number, shapes and types alone.
class NamedRows final : public Source {
 public:
  explicit NamedRows(std::shared_ptr<const Source> source) : source_(std::move(source)) {}
  int64_t size() const override { return source_->size(); }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    std::vector<void*> all(columns().size(), nullptr);
    all[static_cast<size_t>(column)] = out;
    source_->read(rows, kKeptPass, all);
  }
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override { return source_->describe_row(row, pass); }
  int64_t resident_bytes() const override { return source_->resident_bytes(); }
  std::string identity() const override {
    std::string text = std::to_string(size());
    for (const Column& column : columns())
      text += "; " + column.shape.text() + " of " + std::string(name_of(column.dtype));
    return text;
  }
  void list_files(const FileSink& sink) const override { source_->list_files(sink); }

 private:
  std::shared_ptr<const Source> source_;
};

class Cache final : public FollowingStage {
 public:
  // `rows`: the elements by number, kept; null where they come one after another.
  Cache(std::shared_ptr<const Stage> before, std::shared_ptr<const Source> rows)
      : FollowingStage(std::move(before)), rows_(std::move(rows)), kept_(std::make_shared<Kept>()) {}
  std::unique_ptr<Stream> open(uint64_t) const override {
    if (rows_) return RowsStage(rows_).open(kKeptPass);
    const std::lock_guard lock(kept_->mutex);
    if (kept_->elements) return std::make_unique<KeptStream>(kept_->elements);
    return std::make_unique<KeepingStream>(before().open(kKeptPass), kept_);
  }
  std::shared_ptr<const Source> rows() const override { return rows_; }
  int64_t resident_bytes() const override {
    if (rows_) return rows_->resident_bytes();
    return before().resident_bytes() + std::max<int64_t>(0, before().cardinality()) * element_bytes(before().columns());
  }
  void hold_decoded(DecodedRoom&) const override {}  // what comes before is read once

 private:
  std::shared_ptr<const Source> rows_;
  std::shared_ptr<Kept> kept_;
};

}  // namespace

Dataset Dataset::cache(const std::string& file) const {
  std::shared_ptr<const Source> rows = stage()->rows();
  if (rows && rows->size() == 0) rows = nullptr;
  if (file.empty()) return then(std::make_shared<Cache>(stage(), rows ? std::make_shared<KeptRows>(rows) : nullptr));
  if (!rows) return then(cached_in_file(stage(), file));
  if (rows->identity().empty()) rows = std::make_shared<NamedRows>(std::move(rows));
  return then(std::make_shared<Cache>(
      stage(), std::make_shared<CachedSamples>(std::move(rows), file, CachedSamples::OtherFile::Refused)));
}

}  // namespace batchwise
