// Elements whose making fails, passed over; and a number of elements that is made sure of.
#include <exception>
#include <new>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/too_large.h"

namespace batchwise {
namespace {

// Failures in a row after which a stream is taken to fail for ever, where it does not say how many elements it has.
constexpr int64_t kMostInARow = 10000;

class IgnoreErrorsStream final : public Stream {
 public:
  IgnoreErrorsStream(std::unique_ptr<Stream> before, int64_t most_in_a_row)
      : before_(std::move(before)), most_in_a_row_(most_in_a_row) {}
  bool next(Element& element) override {
    for (int64_t failed = 1;; ++failed) try {
        return before_->next(element);
      } catch (const std::bad_alloc&) {
        throw;  // no element's fault
      } catch (const BudgetError&) { throw; } catch (const TooLarge&) {
        throw;
      } catch (const std::exception& error) {
        if (failed > most_in_a_row_)
          fail_run("ignore_errors", "fewer than ", most_in_a_row_ + 1,
                   " elements in a row may fail. Got so many, the last with: ", error.what());
      }
  }

 private:
  std::unique_ptr<Stream> before_;
  const int64_t most_in_a_row_;
};

class IgnoreErrors final : public FollowingStage {
 public:
  using FollowingStage::FollowingStage;
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    const int64_t elements = before().cardinality();
    return std::make_unique<IgnoreErrorsStream>(before().open(pass), elements >= 0 ? elements : kMostInARow);
  }
};

class AssertStream final : public Stream {
 public:
  AssertStream(std::unique_ptr<Stream> before, int64_t count) : before_(std::move(before)), count_(count) {}
  bool next(Element& element) override {
    const bool there = before_->next(element);
    if (there) ++seen_;
    if (there ? count_ >= 0 && seen_ > count_ : count_ == kInfinite || seen_ < count_)
      fail("assert_cardinality", "the data must have ", count_, " elements. Got ", there ? "at least " : "", seen_,
           ".");
    return there;
  }

 private:
  std::unique_ptr<Stream> before_;
  const int64_t count_;
  int64_t seen_ = 0;
};

class AssertCardinality final : public FollowingStage {
 public:
  AssertCardinality(std::shared_ptr<const Stage> before, int64_t count)
      : FollowingStage(std::move(before)), count_(count) {}
  int64_t cardinality() const override { return count_; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<AssertStream>(before().open(pass), count_);
  }

 private:
  int64_t count_;
};

}  // namespace

Dataset Dataset::ignore_errors() const { return then(std::make_shared<IgnoreErrors>(stage())); }

Dataset Dataset::assert_cardinality(int64_t count) const {
  return then(std::make_shared<AssertCardinality>(stage(), count));
}

}  // namespace batchwise
