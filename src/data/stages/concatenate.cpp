// The elements of one data set, then those of another.
#include <algorithm>

#include <batchwise/dataset.h>

#include "data/sources/picked_rows.h"
#include "data/stages/counts.h"
#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

class ConcatenateStream final : public Stream {
 public:
  ConcatenateStream(std::unique_ptr<Stream> first, const Stage& second, uint64_t pass)
      : stream_(std::move(first)), second_(second), pass_(pass) {}
  bool next(Element& element) override { return stream_->next(element) || (go_on() && stream_->next(element)); }
  int64_t skip(int64_t count) override {
    int64_t done = stream_->skip(count);
    if (done < count && go_on()) done += stream_->skip(count - done);
    return done;
  }

 private:
  bool go_on() {
    if (in_second_) return false;
    stream_ = second_.open(pass_);
    return in_second_ = true;
  }
  std::unique_ptr<Stream> stream_;
  const Stage& second_;
  uint64_t pass_;
  bool in_second_ = false;
};

class ConcatenatedRows final : public Source {
 public:
  ConcatenatedRows(std::shared_ptr<const Source> first, std::shared_ptr<const Source> second)
      : first_(std::move(first)), second_(std::move(second)) {}
  int64_t size() const override { return first_->size() + second_->size(); }
  const std::vector<Column>& columns() const override { return first_->columns(); }
  // Row by row where both are met: consecutive rows of one part are fetched at once.
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const int64_t bytes = row_bytes(static_cast<size_t>(column));
    in_parts(rows, [&](const Source& part, size_t first, std::span<const int64_t> picked) {
      part.fetch(column, picked, static_cast<std::byte*>(out) + static_cast<int64_t>(first) * bytes);
    });
  }
  void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const override {
    in_parts(rows, [&](const Source& part, size_t first, std::span<const int64_t> picked) {
      std::vector<void*> to(out.begin(), out.end());
      for (size_t c = 0; c < to.size(); ++c)
        if (to[c]) to[c] = static_cast<std::byte*>(to[c]) + static_cast<int64_t>(first) * row_bytes(c);
      part.read(picked, pass, to);
    });
  }
  std::string describe() const override { return first_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override {
    const int64_t early = first_->size();
    return row < early ? first_->describe_row(row, pass) : second_->describe_row(row - early, pass);
  }
  int64_t resident_bytes() const override {
    const bool apart = &root_of(*first_) != &root_of(*second_);
    return first_->resident_bytes() + (apart ? second_->resident_bytes() : 0);
  }
  void hold_decoded(DecodedRoom& room) const override {
    first_->hold_decoded(room);
    second_->hold_decoded(room);
  }
  bool costly() const override { return first_->costly() || second_->costly(); }
  int64_t reader_bytes() const override { return std::max(first_->reader_bytes(), second_->reader_bytes()); }

 private:
  int64_t row_bytes(size_t column) const { return columns()[column].shape.count() * size_of(columns()[column].dtype); }
  template <class Work>
  void in_parts(std::span<const int64_t> rows, const Work& work) const {
    int64_t shifted[256];
    for (size_t i = 0; i < rows.size();) {
      const bool late = rows[i] >= first_->size();
      size_t n = 0;
      while (n < 256 && i + n < rows.size() && (rows[i + n] >= first_->size()) == late) {
        shifted[n] = rows[i + n] - (late ? first_->size() : 0);
        ++n;
      }
      work(late ? *second_ : *first_, i, std::span<const int64_t>(shifted, n));
      i += n;
    }
  }
  std::shared_ptr<const Source> first_, second_;
};

class Concatenate final : public FollowingStage {
 public:
  Concatenate(std::shared_ptr<const Stage> first, std::shared_ptr<const Stage> second)
      : FollowingStage(std::move(first)), second_(std::move(second)) {
    const std::vector<Column> a = before().columns(), b = second_->columns();
    bool same = a.size() == b.size() || a.empty() || b.empty();
    for (size_t c = 0; same && c < a.size() && c < b.size(); ++c)
      same = a[c].dtype == b[c].dtype && a[c].shape.rank() == b[c].shape.rank();
    require(same, "concatenate", "both data sets must have elements of the same components, types and ranks. Got ",
            described(a), " and ", described(b), ".");
  }
  std::vector<Column> columns() const override {
    std::vector<Column> all = before().columns();
    const std::vector<Column> others = second_->columns();
    if (all.empty()) return others;
    for (size_t c = 0; c < all.size() && c < others.size(); ++c)
      for (int i = 0; i < all[c].shape.rank(); ++i)
        if (all[c].shape[i] != others[c].shape[i]) all[c].shape[i] = kUnknownDim;
    return all;
  }
  int64_t cardinality() const override {
    const int64_t first = before().cardinality(), second = second_->cardinality();
    if (first == kInfinite || second == kInfinite) return kInfinite;
    return first < 0 || second < 0 ? kUnknown : sum_of_counts(first, second);
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<ConcatenateStream>(before().open(pass), *second_, pass);
  }
  std::string files() const override { return before().files() + second_->files(); }
  void list_files(const FileSink& sink) const override {
    before().list_files(sink);
    second_->list_files(sink);
  }
  void hold_decoded(DecodedRoom& room) const override {
    before().hold_decoded(room);
    second_->hold_decoded(room);
  }
  int64_t resident_bytes() const override { return before().resident_bytes() + second_->resident_bytes(); }
  std::shared_ptr<const Source> rows() const override {
    auto first = before().rows(), second = second_->rows();
    if (!first || !second || sum_of_counts(first->size(), second->size()) < 0) return nullptr;
    for (size_t c = 0; c < first->columns().size(); ++c)
      if (first->columns()[c].shape != second->columns()[c].shape) return nullptr;
    return std::make_shared<ConcatenatedRows>(std::move(first), std::move(second));
  }
  bool ordered() const override { return before().ordered() || second_->ordered(); }

 private:
  static std::string described(const std::vector<Column>& columns) {
    std::string text;
    for (const Column& column : columns)
      text += (text.empty() ? "" : ", ") + column.shape.text() + " of " + std::string(name_of(column.dtype));
    return text.empty() ? "nothing" : text;
  }
  std::shared_ptr<const Stage> second_;
};

}  // namespace

Dataset Dataset::concatenate(const Dataset& other) const {
  require(!other.empty(), "concatenate", "the other data set must not be empty. Got an empty one.");
  return then(std::make_shared<Concatenate>(stage(), other.stage()));
}

}  // namespace batchwise
