// Each element the first time that it comes.
#include <algorithm>
#include <set>
#include <string>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"

namespace batchwise {
namespace {

class UniqueStream final : public Stream {
 public:
  explicit UniqueStream(std::unique_ptr<Stream> before) : before_(std::move(before)) {}
  bool next(Element& element) override {
    while (before_->next(element))
      if (seen_.insert(bytes_of(element)).second) return true;
    return false;
  }

 private:
  static std::string bytes_of(const Element& element) {
    std::string all;
    for (const Array& array : element) {
      all += array.shape().text() + std::string(name_of(array.dtype()));
      if (array.dtype() == DType::String)
        for (const std::string_view text : array.values<std::string_view>())
          all.append(std::to_string(text.size()) + ":").append(text);
      else all.append(reinterpret_cast<const char*>(array.raw()), static_cast<size_t>(array.bytes()));
    }
    return all;
  }
  std::unique_ptr<Stream> before_;
  std::set<std::string> seen_;
};

class Unique final : public FollowingStage {
 public:
  using FollowingStage::FollowingStage;
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<UniqueStream>(before().open(pass));
  }
  // At most all elements, where their number is known: their bytes, and what a set takes for each.
  int64_t resident_bytes() const override {
    constexpr int64_t kEntry = 96;
    const int64_t most = std::max<int64_t>(0, before().cardinality());
    return before().resident_bytes() + most * (element_bytes(before().columns()) + kEntry);
  }
};

}  // namespace

Dataset Dataset::unique() const { return then(std::make_shared<Unique>(stage())); }

}  // namespace batchwise
