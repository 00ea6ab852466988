// Elements of the data sets that a function makes, some of them open at a time, in turns.
#include <algorithm>
#include <mutex>
#include <optional>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/user_data.h"

namespace batchwise {
namespace {

using Make = std::function<Dataset(const Element&)>;
constexpr int64_t kAhead = 2;  // elements that a data set reads ahead

class InterleaveStream final : public Stream {
 public:
  InterleaveStream(const Stage& before, const Make& make, const InterleaveOptions& options, uint64_t pass)
      : data_(before),
        before_(before.open(pass)),
        make_(make),
        block_(options.block_length),
        ahead_(options.num_parallel_calls != 0),
        pass_(pass),
        places_(static_cast<size_t>(options.cycle_length)) {}
  bool next(Element& element) override {
    for (;;) {
      Place& place = places_[turn_];
      if (!place.stream) {
        Element from;
        if (!ended_ && before_->next(from)) {
          place.data = user_data(
              "interleave", number_++, [&] { return data_.describe(); }, [&] { return make_(from); });
          if (ahead_) place.data = place.data.prefetch(kAhead);
          place.stream = place.data.stage()->open(pass_);
          ++open_;
        } else {
          ended_ = true;
          if (open_ == 0) return false;
          move_on();
          continue;
        }
      }
      if (taken_ < block_ && place.stream->next(element)) {
        ++taken_;
        return true;
      }
      if (taken_ < block_) {  // its end
        place.stream.reset();
        place.data = {};
        --open_;
      }
      move_on();
    }
  }

 private:
  struct Place {
    Dataset data;  // outlives its stream
    std::unique_ptr<Stream> stream;
    ~Place() { stream.reset(); }
  };
  void move_on() {
    turn_ = (turn_ + 1) % places_.size();
    taken_ = 0;
  }
  const Stage& data_;
  std::unique_ptr<Stream> before_;
  const Make& make_;
  const int64_t block_;
  const bool ahead_;
  const uint64_t pass_;
  std::vector<Place> places_;
  size_t turn_ = 0;
  int64_t taken_ = 0, open_ = 0, number_ = 0;
  bool ended_ = false;
};

class Interleave final : public FollowingStage {
 public:
  Interleave(std::shared_ptr<const Stage> before, Make make, InterleaveOptions options)
      : FollowingStage(std::move(before)), make_(std::move(make)), options_(options) {
    require(options_.num_parallel_calls <= options_.cycle_length, "interleave",
            "num_parallel_calls must be kAutotune or at most cycle_length, ", options_.cycle_length, ". Got ",
            options_.num_parallel_calls, ".");
    require(options_.cycle_length >= 1 && options_.block_length >= 1, "interleave",
            "cycle_length and block_length must be at least 1. Got ", options_.cycle_length, " and ",
            options_.block_length, ".");
  }
  std::vector<Column> columns() const override { return first().columns(); }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<InterleaveStream>(before(), make_, options_, pass);
  }
  // As many data sets as are open at a time, each as the first.
  int64_t resident_bytes() const override {
    int64_t each = first().empty() ? 0 : first().stage()->resident_bytes();
    if (options_.num_parallel_calls != 0) each += kAhead * element_bytes(columns());
    return before().resident_bytes() + options_.cycle_length * each;
  }

 private:
  const Dataset& first() const {
    std::call_once(looked_, [&] {
      Element element;
      if (before().open(0)->next(element))
        first_ = user_data(
            "interleave", 0, [&] { return before().describe(); }, [&] { return make_(element); });
    });
    return first_;
  }
  mutable std::once_flag looked_;
  mutable Dataset first_;
  Make make_;
  InterleaveOptions options_;
};

}  // namespace

Dataset Dataset::interleave(std::function<Dataset(const Element&)> make, const InterleaveOptions& options) const {
  return then(std::make_shared<Interleave>(stage(), std::move(make), options));
}

Dataset Dataset::flat_map(std::function<Dataset(const Element&)> make) const {
  return interleave(std::move(make), {.cycle_length = 1});
}

}  // namespace batchwise
