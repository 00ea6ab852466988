// Elements of one key together: a data set of so many of them, made into elements by a function.
#include <map>

#include <batchwise/dataset.h>

#include "data/stages/following_stage.h"
#include "data/stages/held.h"
#include "data/stages/user_data.h"

namespace batchwise {
namespace {

struct Grouping {
  std::function<int64_t(const Element&)> key;
  std::function<Dataset(int64_t key, const Dataset& window)> reduce;
  std::function<int64_t(int64_t key)> size;

  Dataset reduced(int64_t of_key, const Dataset& window, const Stage& before) const {
    return user_data_at(
        [&] { return "group_by_window, a window of key " + std::to_string(of_key) + " of " + before.describe(); },
        [&] { return reduce(of_key, window); });
  }
};

class GroupStream final : public Stream {
 public:
  GroupStream(const Stage& before, const Grouping& grouping, uint64_t pass)
      : stage_(before), columns_(before.columns()), before_(before.open(pass)), grouping_(grouping), pass_(pass) {}
  ~GroupStream() override { inner_.reset(); }
  bool next(Element& element) override {
    for (;;) {
      if (inner_ && inner_->next(element)) return true;
      if (!open_group()) return false;
    }
  }

 private:
  bool open_group() {
    Element one;
    while (!ended_) {
      if (!before_->next(one)) {
        ended_ = true;
        break;
      }
      const auto [key, size] = user_call(
          "group_by_window", number_++, [&] { return stage_.describe(); },
          [&] {
            const int64_t key_of_one = grouping_.key(one);
            return std::pair(key_of_one, grouping_.size(key_of_one));
          });
      require(size >= 1, "group_by_window", "the size of a window must be at least 1. Got ", size, " for the key ", key,
              ".");
      std::vector<Element>& group = groups_[key];
      group.push_back(std::move(one));
      if (static_cast<int64_t>(group.size()) >= size) return start(groups_.find(key));
    }
    return !groups_.empty() && start(groups_.begin());
  }
  bool start(std::map<int64_t, std::vector<Element>>::iterator group) {
    inner_.reset();
    // Out of the way first: a window that cannot be reduced must not come again.
    auto whole = groups_.extract(group);
    data_ = grouping_.reduced(whole.key(), held(std::move(whole.mapped()), columns_), stage_);
    inner_ = data_.stage()->open(pass_);
    return true;
  }

  const Stage& stage_;
  std::vector<Column> columns_;
  std::unique_ptr<Stream> before_;
  const Grouping& grouping_;
  const uint64_t pass_;
  std::map<int64_t, std::vector<Element>> groups_;
  Dataset data_;
  std::unique_ptr<Stream> inner_;
  int64_t number_ = 0;
  bool ended_ = false;
};

class GroupByWindow final : public FollowingStage {
 public:
  GroupByWindow(std::shared_ptr<const Stage> before, Grouping grouping)
      : FollowingStage(std::move(before)), grouping_(std::move(grouping)) {}
  std::vector<Column> columns() const override {
    return found_([&] {
      Element first;
      if (!before().open(0)->next(first)) return std::vector<Column>{};
      const int64_t key = user_call(
          "group_by_window", 0, [&] { return before().describe(); }, [&] { return grouping_.key(first); });
      return grouping_.reduced(key, held({first}, before().columns()), before()).columns();
    });
  }
  int64_t cardinality() const override { return kUnknown; }
  std::unique_ptr<Stream> open(uint64_t pass) const override {
    return std::make_unique<GroupStream>(before(), grouping_, pass);
  }

 private:
  Grouping grouping_;
  FoundColumns found_;
};

}  // namespace

Dataset Dataset::group_by_window(std::function<int64_t(const Element&)> key,
                                 std::function<Dataset(int64_t key, const Dataset& window)> reduce,
                                 std::function<int64_t(int64_t key)> window_size) const {
  return then(
      std::make_shared<GroupByWindow>(stage(), Grouping{std::move(key), std::move(reduce), std::move(window_size)}));
}

}  // namespace batchwise
