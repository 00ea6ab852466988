// Readers that wait for their turn.
#include "data/bounded_readers.h"

#include <algorithm>
#include <semaphore>

namespace batchwise {
namespace {

class BoundedReaders final : public Source {
 public:
  BoundedReaders(std::shared_ptr<const Source> source, int64_t most) : source_(std::move(source)), turns_(most) {}
  int64_t size() const override { return source_->size(); }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    const Turn turn(turns_);
    source_->fetch(column, rows, out);
  }
  void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const override {
    const Turn turn(turns_);
    source_->read(rows, pass, out);
  }
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override { return source_->describe_row(row, pass); }
  int64_t resident_bytes() const override { return source_->resident_bytes(); }
  bool worth_holding() const override { return source_->worth_holding(); }
  std::string identity() const override { return source_->identity(); }
  void list_files(const FileSink& sink) const override { source_->list_files(sink); }
  void hold_decoded(DecodedRoom& room) const override { source_->hold_decoded(room); }
  bool costly() const override { return source_->costly(); }
  bool decodes() const override { return source_->decodes(); }
  int64_t reader_bytes() const override { return source_->reader_bytes(); }

 private:
  using Turns = std::counting_semaphore<>;
  struct Turn {
    explicit Turn(Turns& from) : turns(from) { turns.acquire(); }
    ~Turn() { turns.release(); }
    Turn(const Turn&) = delete;
    Turns& turns;
  };
  std::shared_ptr<const Source> source_;
  mutable Turns turns_;
};

}  // namespace

Dataset with_readers(const Dataset& data, int64_t most) {
  most = std::clamp<int64_t>(most, 1, std::counting_semaphore<>::max());
  return Dataset(std::make_shared<BoundedReaders>(data.source().shared_from_this(), most), data.num_inputs(),
                 data.num_targets());
}

}  // namespace batchwise
