// Elements that are held in memory.
#include "data/stages/held.h"

#include <algorithm>

namespace batchwise {
namespace {

class HeldStage final : public Stage {
 public:
  HeldStage(std::vector<Element> elements, std::vector<Column> columns)
      : elements_(std::move(elements)), columns_(std::move(columns)) {}
  std::vector<Column> columns() const override { return columns_; }
  int64_t cardinality() const override { return static_cast<int64_t>(elements_.size()); }
  std::unique_ptr<Stream> open(uint64_t) const override { return std::make_unique<HeldStream>(elements_); }
  int64_t resident_bytes() const override {
    int64_t bytes = 0;
    for (const Element& element : elements_)
      for (const Array& array : element) bytes += array.bytes();
    return bytes;
  }

 private:
  class HeldStream final : public Stream {
   public:
    explicit HeldStream(const std::vector<Element>& elements) : elements_(elements) {}
    bool next(Element& element) override {
      if (at_ == elements_.size()) return false;
      element = elements_[at_++];
      return true;
    }
    int64_t skip(int64_t count) override {
      const size_t done = std::min(static_cast<size_t>(std::max<int64_t>(count, 0)), elements_.size() - at_);
      at_ += done;
      return static_cast<int64_t>(done);
    }

   private:
    const std::vector<Element>& elements_;
    size_t at_ = 0;
  };
  std::vector<Element> elements_;
  std::vector<Column> columns_;
};

}  // namespace

Dataset held(std::vector<Element> elements, std::vector<Column> columns) {
  return Dataset(std::make_shared<HeldStage>(std::move(elements), std::move(columns)));
}

}  // namespace batchwise
