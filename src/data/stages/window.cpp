// Windows over the elements, each of them a data set.
#include <algorithm>
#include <deque>

#include <batchwise/dataset.h>

#include "data/stages/counts.h"
#include "data/stages/following_stage.h"
#include "data/stages/held.h"
#include "data/stages/user_data.h"

namespace batchwise {
namespace {

// Elements from the first of a window to its last.
int64_t span_of(int64_t size, const WindowOptions& options) {
  int64_t span = 0;
  return __builtin_mul_overflow(size - 1, options.stride, &span) || span == INT64_MAX ? INT64_MAX : span + 1;
}

// The windows of a stream, one after another.
class WindowStream {
 public:
  WindowStream(std::unique_ptr<Stream> before, int64_t size, const WindowOptions& options)
      : before_(std::move(before)), size_(size), options_(options) {}
  bool next(std::vector<Element>& window) {
    const int64_t span = span_of(size_, options_);
    if (passed_over_ > 0) {
      ended_ = before_->skip(passed_over_) < passed_over_ || ended_;
      passed_over_ = 0;
    }
    Element one;
    while (!ended_ && static_cast<int64_t>(held_.size()) < span) {
      if (before_->next(one)) held_.push_back(std::move(one));
      else ended_ = true;
    }
    if (held_.empty() || (options_.drop_remainder && static_cast<int64_t>(held_.size()) < span)) return false;
    window.clear();
    for (int64_t i = 0; i < std::min<int64_t>(span, static_cast<int64_t>(held_.size()));
         i += std::min(options_.stride, span))
      window.push_back(held_[static_cast<size_t>(i)]);
    const int64_t leave = std::min<int64_t>(options_.shift, static_cast<int64_t>(held_.size()));
    held_.erase(held_.begin(), held_.begin() + leave);
    passed_over_ = ended_ ? 0 : options_.shift - leave;
    return true;
  }

 private:
  std::unique_ptr<Stream> before_;
  const int64_t size_;
  const WindowOptions options_;
  std::deque<Element> held_;
  int64_t passed_over_ = 0;  // elements between windows, still to come
  bool ended_ = false;
};

class WindowedStage final : public FollowingStage {
 public:
  using Make = std::function<Dataset(const Dataset&)>;
  WindowedStage(std::shared_ptr<const Stage> before, int64_t size, WindowOptions options, Make make)
      : FollowingStage(std::move(before)), size_(size), options_(options), make_(std::move(make)) {}
  std::vector<Column> columns() const override {
    return found_([&] {
      std::vector<Element> window;
      if (!WindowStream(before().open(0), size_, options_).next(window)) return std::vector<Column>{};
      return made(std::move(window), before().columns(), 0).columns();
    });
  }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override { return std::make_unique<Flat>(*this, pass); }
  int64_t resident_bytes() const override {
    const int64_t held = held_of(span_of(size_, options_), before().cardinality());
    return before().resident_bytes() + bytes_of(held + std::min(held, size_), element_bytes(before().columns()));
  }

 private:
  class Flat final : public Stream {
   public:
    Flat(const WindowedStage& stage, uint64_t pass)
        : stage_(stage),
          pass_(pass),
          columns_(stage.before().columns()),
          windows_(stage.before().open(pass), stage.size_, stage.options_) {}
    ~Flat() override { inner_.reset(); }
    bool next(Element& element) override {
      for (;;) {
        if (inner_ && inner_->next(element)) return true;
        std::vector<Element> window;
        if (!windows_.next(window)) return false;
        inner_.reset();
        data_ = stage_.made(std::move(window), columns_, number_++);
        inner_ = data_.stage()->open(pass_);
      }
    }

   private:
    const WindowedStage& stage_;
    uint64_t pass_;
    std::vector<Column> columns_;
    WindowStream windows_;
    int64_t number_ = 0;
    Dataset data_;
    std::unique_ptr<Stream> inner_;
  };

  Dataset made(std::vector<Element> window, const std::vector<Column>& columns, int64_t number) const {
    return user_data_at([&] { return "window, window " + std::to_string(number) + " of " + before().describe(); },
                        [&] { return make_(held(std::move(window), columns)); });
  }

  int64_t size_;
  WindowOptions options_;
  Make make_;
  FoundColumns found_;
};

}  // namespace

Windows::Windows(Dataset data, int64_t size, const WindowOptions& options)
    : data_(std::move(data)), size_(size), options_(options) {
  require(size >= 1 && options.shift >= 0 && options.stride >= 1, "window",
          "size and stride must be at least 1, and shift at least 1, or 0 for the size. Got ", size, ", ",
          options.stride, " and ", options.shift, ".");
  if (options_.shift == 0) options_.shift = size;
}

int64_t Windows::cardinality() const {
  const int64_t all = data_.cardinality();
  if (all < 0) return all;
  const int64_t span = span_of(size_, options_);
  if (!options_.drop_remainder) return all / options_.shift + (all % options_.shift > 0 ? 1 : 0);
  return all < span ? 0 : (all - span) / options_.shift + 1;
}

Dataset Windows::flat_map(std::function<Dataset(const Dataset& window)> make) const {
  return Dataset(std::make_shared<WindowedStage>(data_.stage(), size_, options_, std::move(make)));
}

std::vector<Dataset> Windows::list() const {
  require(data_.cardinality() != kInfinite, "window", "a list needs data that ends. Got an endless data set.");
  std::vector<Dataset> all;
  WindowStream windows(data_.stage()->open(0), size_, options_);
  for (std::vector<Element> window; windows.next(window);) all.push_back(held(std::move(window), data_.columns()));
  return all;
}

Windows Dataset::window(int64_t size, const WindowOptions& options) const { return Windows(*this, size, options); }

}  // namespace batchwise
