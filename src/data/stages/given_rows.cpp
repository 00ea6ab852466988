// Samples that a function gives by number.
#include <cstring>

#include <batchwise/data_loader.h>

#include "data/stages/rows.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

class GivenRows final : public Source {
 public:
  GivenRows(int64_t size, std::function<Element(int64_t)> get, std::string description)
      : size_(size), get_(std::move(get)), description_(std::move(description)) {
    require(size >= 0, description_, "size() must be 0 or more. Got ", size, ".");
    if (size_ == 0) return;
    for (const Array& array : get_(0)) columns_.push_back({"", array.shape(), array.dtype()});
    for (const Column& column : columns_)
      require(column.dtype != DType::String, description_,
              "samples by number are numbers. Got text: put it into one Array::text, or into a text folder.");
    for (const Column& column : columns_) row_bytes_ += column.shape.count() * size_of(column.dtype);
  }
  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  std::string describe() const override { return description_; }
  bool costly() const override { return true; }
  int64_t reader_bytes() const override { return row_bytes_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    std::vector<void*> all(columns_.size(), nullptr);
    all[static_cast<size_t>(column)] = out;
    read(rows, 0, all);
  }
  void read(std::span<const int64_t> rows, uint64_t, std::span<void* const> out) const override {
    for (size_t r = 0; r < rows.size(); ++r) {
      require(rows[r] >= 0 && rows[r] < size_, description_, "rows must be in [0, ", size_, "). Got ", rows[r], ".");
      const Element element = user_call(
          "get", rows[r], [&] { return description_; }, [&] { return get_(rows[r]); });
      require(element.size() == columns_.size(), description_, "all samples must have ", columns_.size(),
              " components, as the first has. Got ", element.size(), " in sample ", rows[r], ".");
      for (size_t c = 0; c < out.size(); ++c) {
        const Array& array = element[c];
        require(array.shape() == columns_[c].shape && array.dtype() == columns_[c].dtype, description_,
                "all samples must be as the first, ", columns_[c].shape, " of ", columns_[c].dtype, " in component ", c,
                ". Got ", array.shape(), " of ", array.dtype(), " in sample ", rows[r], ".");
        const size_t bytes = static_cast<size_t>(array.bytes());
        if (out[c]) std::memcpy(static_cast<std::byte*>(out[c]) + r * bytes, array.raw(), bytes);
      }
    }
  }

 private:
  int64_t size_;
  std::function<Element(int64_t)> get_;
  std::string description_;
  std::vector<Column> columns_;
  int64_t row_bytes_ = 0;
};

}  // namespace

Dataset from_samples(int64_t size, std::function<Element(int64_t)> get, std::string description) {
  require(size > 0, description, "there must be at least one sample. Got ", size, ".");
  return Dataset(
      std::make_shared<RowsStage>(std::make_shared<GivenRows>(size, std::move(get), std::move(description))));
}

}  // namespace batchwise
