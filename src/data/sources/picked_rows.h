// Rows of another source under other numbers: ranges, shards, shuffles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

class PickedRows : public Source {
 public:
  PickedRows(std::shared_ptr<const Source> source, int64_t size) : source_(std::move(source)), size_(size) {}

  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return source_->columns(); }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override;
  void read(std::span<const int64_t> rows, uint64_t pass, std::span<void* const> out) const override;
  std::string describe() const override { return source_->describe(); }
  std::string describe_row(int64_t row, uint64_t pass) const override {
    const Picked picked = pick(row, pass);
    return source_->describe_row(picked.row, picked.pass);
  }
  // The whole source's: what picks from it keeps all of it alive.
  int64_t resident_bytes() const override { return source_->resident_bytes(); }
  bool costly() const override { return source_->costly(); }
  bool decodes() const override { return source_->decodes(); }
  int64_t reader_bytes() const override { return source_->reader_bytes(); }
  void hold_decoded(DecodedRoom& room) const override { source_->hold_decoded(room); }

  const std::shared_ptr<const Source>& whole() const { return source_; }

 protected:
  struct Picked {
    int64_t row;
    uint64_t pass;
  };
  virtual Picked pick(int64_t row, uint64_t pass) const = 0;  // REQUIRES: 0 <= row < size()

 private:
  template <class Work>
  void in_parts(std::span<const int64_t> rows, uint64_t pass, const Work& work) const;

  std::shared_ptr<const Source> source_;
  int64_t size_;
};

// What rows were picked from, and those from, in the end. Two parts of one root take its bytes once.
const Source& root_of(const Source& source);

}  // namespace batchwise
