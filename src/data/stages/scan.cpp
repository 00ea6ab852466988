// A state that is carried from element to element.
#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

using Step = std::function<Element(Element& state, const Element&)>;

class ScanStream final : public Stream {
 public:
  ScanStream(const Stage& before, Element state, const Step& step, uint64_t pass)
      : data_(before), before_(before.open(pass)), state_(std::move(state)), step_(step) {}
  bool next(Element& element) override {
    Element from;
    if (!before_->next(from)) return false;
    element = user_call(
        "scan", number_++, [&] { return data_.describe(); }, [&] { return step_(state_, from); });
    return true;
  }

 private:
  const Stage& data_;
  std::unique_ptr<Stream> before_;
  Element state_;
  const Step& step_;
  int64_t number_ = 0;
};

class Scan final : public FollowingStage {
 public:
  Scan(std::shared_ptr<const Stage> before, Element state, Step step)
      : FollowingStage(std::move(before)), state_(std::move(state)), step_(std::move(step)) {}
  std::vector<Column> columns() const override {
    return found_([&] {
      Element first;
      return open(0)->next(first) ? columns_of(first) : std::vector<Column>{};
    });
  }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    // Copies of an array share their bytes: a step that writes into the state must not write into the next pass's.
    Element state;
    for (const Array& array : state_) state.push_back(array.clone());
    return std::make_unique<ScanStream>(before(), std::move(state), step_, pass);
  }

 private:
  Element state_;
  Step step_;
  FoundColumns found_;
};

}  // namespace

Dataset Dataset::scan(Element state, std::function<Element(Element& state, const Element&)> step) const {
  return then(std::make_shared<Scan>(stage(), std::move(state), std::move(step)));
}

Element Dataset::reduce(Element state, const std::function<Element(const Element& state, const Element&)>& step) const {
  require(!empty() && cardinality() != kInfinite, "reduce", "reducing needs data that ends.");
  const auto stream = stage()->open(0);
  for (Element element; stream->next(element);) state = step(state, element);
  return state;
}

}  // namespace batchwise
