// The elements that a condition keeps.
#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

using Condition = std::function<bool(const Element&)>;

class FilterStream final : public Stream {
 public:
  FilterStream(const Stage& before, const Condition& keeps, uint64_t pass)
      : data_(before), before_(before.open(pass)), keeps_(keeps) {}
  bool next(Element& element) override {
    while (before_->next(element))
      if (user_call(
              "filter", number_++, [&] { return data_.describe(); }, [&] { return keeps_(element); }))
        return true;
    return false;
  }

 private:
  const Stage& data_;
  std::unique_ptr<Stream> before_;
  const Condition& keeps_;
  int64_t number_ = 0;
};

class Filter final : public FollowingStage {
 public:
  Filter(std::shared_ptr<const Stage> before, Condition keeps)
      : FollowingStage(std::move(before)), keeps_(std::move(keeps)) {
    require(keeps_ != nullptr, "filter", "the condition must be one that can be called. Got an empty one.");
  }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<FilterStream>(before(), keeps_, pass);
  }

 private:
  Condition keeps_;
};

}  // namespace

Dataset Dataset::filter(std::function<bool(const Element&)> keeps) const {
  return then(std::make_shared<Filter>(stage(), std::move(keeps)));
}

}  // namespace batchwise
