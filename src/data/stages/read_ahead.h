// Workers that make elements ahead of the one who asks, and hand them over in order.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

// What a stage has measured so far, over all its streams: who waited for whom.
struct StageMeter {
  explicit StageMeter(std::string stage) : name(std::move(stage)) {}
  std::string name;
  StageFacts facts() const;
  std::atomic<bool> chosen{false};
  std::atomic<int64_t> elements{0};
  std::atomic<int64_t> work_nanoseconds{0};    // in workers
  std::atomic<int64_t> waited_nanoseconds{0};  // by the one who asks, for workers
  std::atomic<int64_t> workers{0}, depth{0};   // chosen last
};

class ReadAhead {
 public:
  // `pull` is called by one worker at a time, in order, until it returns false; `work` by many at once. `index` counts
  // the elements that pull gave: a pull that throws takes a place among the results, but no number.
  using Pull = std::function<bool(Element& element, int64_t index)>;
  using Work = std::function<Element(Element element, int64_t index)>;
  // With kAutotune, workers are added while the one who asks waits for them, up to one per usable core, and the depth
  // grows while it runs dry, up to a bound in bytes; both begin with what was chosen last. What comes out does not
  // depend on either. `slot_bytes`: of what waits to be handed over, each; 0: of the elements. An asker that works,
  // where pulling is quick, makes elements while it would wait, in place of one of the workers: waking it for each
  // would cost more.
  enum class Asker { Waits, Works };
  ReadAhead(Pull pull, Work work, int64_t workers, int64_t depth, StageMeter& meter, int64_t slot_bytes = 0,
            Asker asker = Asker::Waits);
  ~ReadAhead();  // stops the workers: what they are at is finished, no more is begun
  ReadAhead(const ReadAhead&) = delete;

  // In the order of pull. What a worker threw for an element is thrown here in its place; the next call goes on.
  bool next(Element& element);
  // Passes over elements; how many there were. What work threw for them is not thrown, what pull threw is.
  int64_t skip(int64_t count);

  static int64_t most_depth(int64_t slot_bytes);                                  // that is chosen
  static int64_t bytes(int64_t workers, const std::vector<Column>& columns);      // of work with so many workers
  static int64_t depth_bytes(int64_t depth, const std::vector<Column>& columns);  // of so many elements

 private:
  struct Slot {
    Element element;
    std::exception_ptr error;
    bool pulled = true;  // the error, if any, is not pull's
    bool ready = false;
  };
  bool take(Slot& slot);
  bool has_room();
  bool may_begin() { return !ended_ && !pulling_ && has_room(); }
  void make_one(std::unique_lock<std::mutex>& lock);  // REQUIRES: may_begin()
  Slot& slot_of(int64_t place) { return slots_[static_cast<size_t>(place) % slots_.size()]; }
  void serve();
  void add_worker();
  void tune(bool waited);

  Pull pull_;
  Work work_;
  const int64_t most_workers_;
  const bool asker_works_, tunes_depth_;
  int64_t depth_;
  StageMeter& meter_;
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<Slot> slots_;  // of the elements from taken_ to pulled_, by their place; at least one
  int64_t taken_ = 0;        // elements handed over
  int64_t pulled_ = 0;       // begun
  int64_t given_ = 0;        // of them by a pull that did not throw
  const bool slots_stated_;
  int64_t slot_bytes_;
  bool pulling_ = false, ended_ = false, stop_ = false;
  int64_t asked_ = 0, dry_ = 0;  // since workers or depth last changed
  std::vector<std::thread> threads_;
};

}  // namespace batchwise
