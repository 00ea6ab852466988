// Elements of several data sets side by side, until the first ends.
#include <algorithm>
#include <cstring>
#include <exception>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

using Stages = std::vector<std::shared_ptr<const Stage>>;

class ZipStream final : public Stream {
 public:
  explicit ZipStream(std::vector<std::unique_ptr<Stream>> parts) : parts_(std::move(parts)) {}
  bool next(Element& element) override {
    Element whole, part;
    std::exception_ptr failed;
    // Where one part fails, the others move on with it: what follows still belongs together.
    for (const auto& stream : parts_) {
      try {
        if (ended_ || !stream->next(part)) {
          ended_ = true;
          return false;
        }
      } catch (const Error&) {
        if (!failed) failed = std::current_exception();
        continue;
      }
      std::move(part.begin(), part.end(), std::back_inserter(whole));
    }
    if (failed) std::rethrow_exception(failed);
    element = std::move(whole);
    return true;
  }
  int64_t skip(int64_t count) override {
    int64_t done = ended_ ? 0 : count;
    for (const auto& stream : parts_) done = std::min(done, stream->skip(done));
    ended_ = ended_ || done < count;
    return done;
  }

 private:
  std::vector<std::unique_ptr<Stream>> parts_;
  bool ended_ = false;
};

class ZippedRows final : public Source {
 public:
  explicit ZippedRows(std::vector<std::shared_ptr<const Source>> parts) : parts_(std::move(parts)) {
    for (size_t p = 0; p < parts_.size(); ++p) {
      size_ = p == 0 ? parts_[p]->size() : std::min(size_, parts_[p]->size());
      for (size_t c = 0; c < parts_[p]->columns().size(); ++c) {
        at_.push_back({p, static_cast<int>(c)});
        columns_.push_back(parts_[p]->columns()[c]);
      }
    }
  }
  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const auto& [part, of_part] = at_[static_cast<size_t>(column)];
    parts_[part]->fetch(of_part, rows, out);
  }
  void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const override {
    for (const auto& part : parts_) {
      const size_t columns = part->columns().size();
      part->read(rows, pass, out.first(columns));
      out = out.subspan(columns);
    }
  }
  std::string describe() const override { return parts_.front()->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override {
    return parts_.front()->describe_row(row, pass);
  }
  int64_t resident_bytes() const override { return sum(&Source::resident_bytes); }
  void hold_decoded(DecodedRoom& room) const override {
    for (const auto& part : parts_) part->hold_decoded(room);
  }
  bool costly() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->costly(); });
  }
  int64_t reader_bytes() const override { return sum(&Source::reader_bytes); }

 private:
  int64_t sum(int64_t (Source::*of)() const) const {
    int64_t total = 0;
    for (const auto& part : parts_) total += (part.get()->*of)();
    return total;
  }
  std::vector<std::shared_ptr<const Source>> parts_;
  std::vector<std::pair<size_t, int>> at_;
  std::vector<Column> columns_;
  int64_t size_ = 0;
};

class Zip final : public Stage {
 public:
  explicit Zip(Stages parts) : parts_(std::move(parts)) {}
  std::vector<Column> columns() const override {
    std::vector<Column> all;
    for (const auto& part : parts_)
      for (Column& column : part->columns()) all.push_back(std::move(column));
    return all;
  }
  int64_t cardinality() const override {
    int64_t least = kInfinite;
    for (const auto& part : parts_) {
      const int64_t here = part->cardinality();
      if (here == kUnknown) return kUnknown;
      if (here >= 0) least = least < 0 ? here : std::min(least, here);
    }
    return least;
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    std::vector<std::unique_ptr<Stream>> streams;
    for (const auto& part : parts_) streams.push_back(part->open(pass));
    return std::make_unique<ZipStream>(std::move(streams));
  }
  void report(std::vector<StageFacts>& facts) const override {
    for (const auto& part : parts_) part->report(facts);
  }
  std::string describe() const override { return parts_.front()->describe(); }
  std::string files() const override {
    std::string all;
    for (const auto& part : parts_) all += part->files();
    return all;
  }
  void list_files(const FileSink& sink) const override {
    for (const auto& part : parts_) part->list_files(sink);
  }
  void hold_decoded(DecodedRoom& room) const override {
    for (const auto& part : parts_) part->hold_decoded(room);
  }
  int64_t resident_bytes() const override {
    int64_t bytes = 0;
    for (const auto& part : parts_) bytes += part->resident_bytes();
    return bytes;
  }
  std::shared_ptr<const Source> rows() const override {
    std::vector<std::shared_ptr<const Source>> rows;
    for (const auto& part : parts_) {
      rows.push_back(part->rows());
      if (!rows.back()) return nullptr;
    }
    return std::make_shared<ZippedRows>(std::move(rows));
  }
  bool ordered() const override {
    return std::any_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->ordered(); });
  }

 private:
  Stages parts_;
};

}  // namespace

Dataset Dataset::zip(const std::vector<Dataset>& parts) {
  require(!parts.empty(), "zip", "there must be at least one data set. Got none.");
  Stages stages;
  for (const Dataset& part : parts) {
    require(!part.empty(), "zip", "the parts must not be empty data sets. Got one.");
    stages.push_back(part.stage());
  }
  return Dataset(std::make_shared<Zip>(std::move(stages)));
}

}  // namespace batchwise
