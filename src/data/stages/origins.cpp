// Data sets that begin with nothing but a few values: ranges, single elements, generators, random numbers.
#include <mutex>

#include <batchwise/dataset.h>

#include "data/sources/memory.h"
#include "data/stages/following_stage.h"
#include "data/stages/rows.h"
#include "data/stages/tensorflow_random.h"
#include "data/stages/user_call.h"

namespace batchwise {
namespace {

class RangeRows final : public Source {
 public:
  RangeRows(int64_t start, int64_t size, int64_t step) : start_(start), size_(size), step_(step) {}
  int64_t size() const override { return size_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int, std::span<const int64_t> rows, void* out) const override {
    int64_t* to = static_cast<int64_t*>(out);
    for (const int64_t row : rows) *to++ = number(row);
  }
  std::string describe() const override { return "range"; }

 private:
  // Unsigned: on the way to a number that fits, row * step need not.
  int64_t number(int64_t row) const {
    return static_cast<int64_t>(static_cast<uint64_t>(start_) +
                                static_cast<uint64_t>(row) * static_cast<uint64_t>(step_));
  }

  const int64_t start_, size_, step_;
  const std::vector<Column> columns_ = {{"", {}, DType::Int64}};
};

// A stage of elements that a function gives one after another.
class Given final : public Stage {
 public:
  Given(std::function<Dataset::Next(uint64_t pass)> make, std::vector<Column> columns, int64_t cardinality,
        std::string description)
      : make_(std::move(make)),
        columns_(std::move(columns)),
        cardinality_(cardinality),
        description_(std::move(description)) {}
  // Unless stated, those of the first element: looked at once, since to begin anew may cost its maker a lot.
  std::vector<Column> columns() const override {
    if (!columns_.empty()) return columns_;
    std::call_once(looked_, [&] {
      Element first;
      if (open(0)->next(first)) found_ = columns_of(first);
    });
    return found_;
  }
  int64_t cardinality() const override { return cardinality_; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<GivenStream>(*this, make_(pass));
  }
  std::string describe() const override { return description_; }

 private:
  class GivenStream final : public Stream {
   public:
    GivenStream(const Given& stage, Dataset::Next next) : stage_(stage), next_(std::move(next)) {}
    bool next(Element& element) override {
      const auto where = [&] { return stage_.description_; };
      if (ended_ || !user_call("generator", number_, where, [&] { return next_(element); })) {
        ended_ = true;
        return false;
      }
      check(element);
      ++number_;
      return true;
    }

   private:
    void check(const Element& element) const {
      const std::vector<Column>& columns = stage_.columns_;
      if (columns.empty()) return;
      require(element.size() == columns.size(), stage_.description_, "an element must have the ", columns.size(),
              " components that were stated. Got ", element.size(), " in element ", number_, ".");
      for (size_t c = 0; c < columns.size(); ++c)
        require(element[c].dtype() == columns[c].dtype && compatible(element[c].shape(), columns[c].shape),
                stage_.description_, "component ", c, " must be as stated, ", columns[c].shape, " of ",
                columns[c].dtype, ". Got ", element[c].shape(), " of ", element[c].dtype(), " in element ", number_,
                ".");
    }
    const Given& stage_;
    Dataset::Next next_;
    int64_t number_ = 0;
    bool ended_ = false;
  };

  std::function<Dataset::Next(uint64_t)> make_;
  std::vector<Column> columns_;
  int64_t cardinality_;
  std::string description_;
  mutable std::once_flag looked_;
  mutable std::vector<Column> found_;
};

}  // namespace

Dataset Dataset::range(int64_t stop) { return range(0, stop); }

Dataset Dataset::range(int64_t start, int64_t stop, int64_t step) {
  require(step != 0, "range", "the step must not be 0. Got 0.");
  const bool up = step > 0;
  const uint64_t from = static_cast<uint64_t>(up ? start : stop), to = static_cast<uint64_t>(up ? stop : start);
  const uint64_t span = (up ? start < stop : stop < start) ? to - from : 0;
  const uint64_t stride = up ? static_cast<uint64_t>(step) : -static_cast<uint64_t>(step);
  const uint64_t count = span / stride + (span % stride > 0 ? 1 : 0);
  require(count <= INT64_MAX, "range", "there may be at most ", INT64_MAX, " numbers. Got ", count, ", from ", start,
          " to ", stop, ".");
  return Dataset(std::make_shared<RangeRows>(start, static_cast<int64_t>(count), step), 1, 0);
}

Dataset Dataset::from_tensors(Element element) {
  for (Array& array : element) {
    require(!array.empty(), "from_tensors", "components must not be empty. Got an empty array.");
    array = array.reshaped(array.shape().with_batch(1));
  }
  return from_tensor_slices(std::move(element));
}

Dataset Dataset::from_tensor_slices(Element components) {
  return Dataset(std::make_shared<RowsStage>(std::make_shared<MemorySource>(std::move(components))));
}

Dataset Dataset::from_generator(std::function<Next()> make, std::vector<Column> columns) {
  return Dataset(std::make_shared<Given>([make = std::move(make)](uint64_t) { return make(); }, std::move(columns),
                                         kUnknown, "generator"));
}

Dataset Dataset::random(uint64_t seed) {
  const auto make = [seed](uint64_t) -> Next {
    return [numbers = TensorflowRandom(ShuffleOptions{}.global_seed, seed)](Element& element) mutable {
      element = {Array::from<int64_t>({numbers.next()}, {})};
      return true;
    };
  };
  return Dataset(std::make_shared<Given>(make, std::vector<Column>{{"", {}, DType::Int64}}, kInfinite, "random"));
}

}  // namespace batchwise
