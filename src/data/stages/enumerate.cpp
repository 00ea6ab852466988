// Each element with its number before it.
#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

class EnumerateStream final : public Stream {
 public:
  EnumerateStream(std::unique_ptr<Stream> before, int64_t number) : before_(std::move(before)), number_(number) {}
  bool next(Element& element) override {
    if (!before_->next(element)) return false;
    element.insert(element.begin(), Array::from<int64_t>({number_++}, {}));
    return true;
  }
  int64_t skip(int64_t count) override {
    const int64_t done = before_->skip(count);
    number_ += done;
    return done;
  }

 private:
  std::unique_ptr<Stream> before_;
  int64_t number_;
};

class Enumerate final : public FollowingStage {
 public:
  Enumerate(std::shared_ptr<const Stage> before, int64_t start) : FollowingStage(std::move(before)), start_(start) {}
  std::vector<Column> columns() const override {
    std::vector<Column> columns = before().columns();
    columns.insert(columns.begin(), Column{"number", {}, DType::Int64});
    return columns;
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<EnumerateStream>(before().open(pass), start_);
  }

 private:
  int64_t start_;
};

}  // namespace

Dataset Dataset::enumerate(int64_t start) const { return then(std::make_shared<Enumerate>(stage(), start)); }

}  // namespace batchwise
