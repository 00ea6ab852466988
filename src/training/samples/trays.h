// Samples that take work to read, a grain at a time: read once for all their columns, kept until they were used.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <batchwise/stage.h>

namespace batchwise {

// Thread-safe. Lanes fetch one column after another of the rows of their grain; the first to ask reads the rows.
class Trays {
 public:
  // `count` trays of `grain` samples: one per thread that fetches, at least.
  Trays(const Source& source, int64_t grain, int count);
  ~Trays();

  // As Source::fetch, for the pass. `source` has the columns that the trays were made for.
  void fetch(const Source& source, int column, std::span<const int64_t> rows, uint64_t pass, void* out);

  // What was read before is read again: data that came since may lie where others did. REQUIRES: nobody fetches.
  void forget();

  StageFacts facts() const;  // of reading: by lanes, so that nobody waits but they

  // Of `count` trays, and of what reading into each takes.
  static int64_t bytes(const Source& source, int64_t grain, int count);

 private:
  struct Tray;
  Tray* find(const Source& source, std::span<const int64_t> rows, uint64_t pass);
  Tray& oldest();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Tray>> trays_;
  uint64_t clock_ = 0;
  int64_t samples_ = 0;
  double seconds_ = 0;
};

}  // namespace batchwise
