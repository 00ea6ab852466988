// Facts of the loader: the same batches for any number of workers, and what it does with faults.
#include <chrono>
#include <mutex>
#include <new>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/data_loader.h>

#include "data/stages/rows.h"

namespace batchwise {
namespace {

struct Table {
  int64_t size() const { return 37; }
  std::pair<Array, int64_t> get(int64_t i) const { return {Array::from<float>({static_cast<float>(i)}, {1}), i * 2}; }
};

TEST(DataLoader, GivesTheSameBatchesForAnyNumberOfWorkers) {
  const auto batches = [](const DataLoaderOptions& options) {
    std::vector<std::vector<int64_t>> all;
    const DataLoader loader(Table{}, options);
    for (int pass = 0; pass < 2; ++pass)
      for (const Batch& batch : loader) {
        const auto values = batch.y[0].values<int64_t>();
        all.emplace_back(values.begin(), values.end());
        EXPECT_EQ(batch.x[0].data<float>()[0] * 2, static_cast<float>(values[0]));
      }
    return all;
  };
  for (const bool shuffle : {false, true})
    for (const bool drop : {false, true}) {
      const auto wanted = batches({.batch_size = 5, .shuffle = shuffle, .drop_last = drop});
      EXPECT_EQ(wanted.size(), drop ? 14u : 16u);
      EXPECT_EQ(wanted[0] == wanted[wanted.size() / 2], !shuffle);
      for (const int64_t workers : {int64_t{1}, int64_t{4}, kAutotune})
        EXPECT_EQ(batches({.batch_size = 5, .shuffle = shuffle, .num_workers = workers, .drop_last = drop}), wanted);
    }
  EXPECT_EQ(DataLoader(Table{}, {.batch_size = 5}).size(), 8);
  const auto sampled = batches({.batch_size = 2, .sampler = [](uint64_t pass) {
                                  return std::vector<int64_t>(3, 1 + static_cast<int64_t>(pass));
                                }});
  EXPECT_EQ(sampled, (std::vector<std::vector<int64_t>>{{2, 2}, {2}, {4, 4}, {4}}));
}

TEST(DataLoader, BatchesThatAreKeptKeepTheirNumbers) {
  const Dataset rows = Dataset::range(64).map(
      [](const Element& x) { return Element{Array::from<float>({static_cast<float>(x[0].data<int64_t>()[0])}, {})}; });
  std::vector<Array> kept;
  {
    const DataLoader loader(rows, {.batch_size = 8, .num_workers = 2});
    for (int round = 0; round < 2; ++round)
      for (const Batch& batch : loader) kept.push_back(batch.x[0].slice(2, 1));
  }
  ASSERT_EQ(kept.size(), 16u);
  for (size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i].data<float>()[0], static_cast<float>(i % 8 * 8 + 2));
}

// A sample that is larger than the piece of a batch that a worker reads at a time.
struct WideTable {
  int64_t size() const { return 21; }
  std::pair<Array, int64_t> get(int64_t i) const {
    require(i != bad, "wide table", "row ", i, " is bad.");
    return {Array::from(std::vector<float>(20000, static_cast<float>(i)), {20000}), i};
  }
  int64_t bad = -1;
};

TEST(DataLoader, SharesTheSamplesOfABatchAmongWorkers) {
  for (const int64_t workers : {int64_t{1}, int64_t{3}, kAutotune}) {
    const DataLoader loader(WideTable{}, {.batch_size = 8, .num_workers = workers});
    for (int pass = 0; pass < 2; ++pass) {
      int64_t row = 0;
      for (const Batch& batch : loader)
        for (int64_t r = 0; r < batch.y[0].rows(); ++r, ++row) {
          EXPECT_EQ(batch.y[0].data<int64_t>()[r], row);
          EXPECT_EQ(batch.x[0].data<float>()[r * 20000], static_cast<float>(row));
          EXPECT_EQ(batch.x[0].data<float>()[r * 20000 + 19999], static_cast<float>(row));
        }
      EXPECT_EQ(row, 21);
    }
  }
}

TEST(DataLoader, GoesOnWithTheNextBatchAfterAFault) {
  for (const int64_t workers : {int64_t{2}, kAutotune}) {
    const DataLoader loader(WideTable{.bad = 10}, {.batch_size = 8, .num_workers = workers});
    const auto stream = loader.dataset().stage()->open(0);
    Element batch;
    ASSERT_TRUE(stream->next(batch));
    EXPECT_THROW(stream->next(batch), Error);
    ASSERT_TRUE(stream->next(batch));
    EXPECT_EQ(batch[1].data<int64_t>()[0], 16);
    EXPECT_EQ(batch[1].rows(), 5);
    EXPECT_FALSE(stream->next(batch));
  }
}

TEST(DataLoader, WhoAsksMakesSamplesWhileItWouldWaitUnlessTheWorkersWereCounted) {
  for (const int64_t workers : {int64_t{2}, kAutotune}) {
    std::mutex mutex;
    std::set<std::thread::id> makers;
    const Dataset rows = from_samples(40, [&](int64_t i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::lock_guard lock(mutex);
      makers.insert(std::this_thread::get_id());
      return element_of(i);
    });
    const DataLoader loader(rows, {.batch_size = 1, .num_workers = workers});
    makers.clear();  // who looked at the first sample
    int64_t batches = 0;
    for (const Batch& batch : loader) EXPECT_EQ(batch.x[0].data<int64_t>()[0], batches++);
    EXPECT_EQ(batches, 40);
    EXPECT_EQ(makers.contains(std::this_thread::get_id()), workers == kAutotune);
    EXPECT_GE(makers.size(), 2u);
  }
}

TEST(DataLoader, GoesOnAfterMemoryRanOutInWorkers) {
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{4}, kAutotune})
    for (const bool in_map : {false, true}) {
      const auto fail_at = [](int64_t row, int64_t bad) {
        if (row == bad) throw std::bad_alloc();
      };
      const Dataset rows = Dataset::range(40).map([&](const Element& x) {
        if (in_map) fail_at(x[0].data<int64_t>()[0], 13);
        return x;
      });
      const auto collate = [&](const std::vector<Element>& samples) {
        const int64_t first = samples.front()[0].data<int64_t>()[0];
        if (!in_map) fail_at(first, 12);
        return element_of(first);
      };
      const DataLoader loader(rows, {.batch_size = 4, .num_workers = workers, .collate = collate});
      for (uint64_t pass = 0; pass < 2; ++pass) {
        const auto stream = loader.dataset().stage()->open(pass);
        Element batch;
        for (int64_t b = 0; b < 10; ++b) {
          if (b == 3) {
            EXPECT_THROW(stream->next(batch), std::bad_alloc);
            continue;
          }
          ASSERT_TRUE(stream->next(batch));
          EXPECT_EQ(batch[0].data<int64_t>()[0], 4 * b);
        }
        EXPECT_FALSE(stream->next(batch));
      }
    }
}

TEST(DataLoader, SkippedBatchesAreNotMade) {
  for (const int64_t workers : {int64_t{0}, int64_t{2}})
    for (const bool collated : {false, true}) {
      std::mutex mutex;
      std::set<int64_t> read;
      const Dataset rows = Dataset::range(103).map([&](const Element& x) {
        const std::lock_guard lock(mutex);
        read.insert(x[0].data<int64_t>()[0]);
        return x;
      });
      DataLoaderOptions options{.batch_size = 10, .num_workers = workers, .prefetch_factor = 1};
      if (collated) options.collate = [](const std::vector<Element>& samples) { return samples.front(); };
      const DataLoader loader(rows, options);
      const auto stream = loader.dataset().stage()->open(0);
      Element batch;
      const auto first = [&] { return stream->next(batch) ? batch[0].values<int64_t>()[0] : -1; };
      EXPECT_EQ(stream->skip(4), 4);
      EXPECT_EQ(first(), 40);
      EXPECT_EQ(stream->skip(4), 4);
      EXPECT_EQ(first(), 90);
      EXPECT_EQ(stream->skip(9), 1);
      EXPECT_EQ(first(), -1);
      const std::lock_guard lock(mutex);
      EXPECT_FALSE(read.contains(39));
      EXPECT_FALSE(read.contains(89));
    }
}

TEST(DataLoader, BatchesBeyondTheExpectedOnesFollowWhateverWorkersWereAt) {
  for (const bool collated : {false, true})
    for (int round = 0; round < 300; ++round) {
      DataLoaderOptions options{.batch_size = 2, .num_workers = 3, .prefetch_factor = 4};
      if (collated) options.collate = [](const std::vector<Element>& samples) { return samples.front(); };
      const DataLoader loader(Dataset::range(24), options);
      const auto stream = loader.dataset().stage()->open(0);
      stream->expect(1 + round % 3);
      std::vector<int64_t> firsts;
      for (Element batch; stream->next(batch); stream->expect(1)) firsts.push_back(batch[0].values<int64_t>()[0]);
      ASSERT_EQ(firsts, (std::vector<int64_t>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22})) << round;
    }
}

TEST(DataLoader, CollatesAndRefusesWhatItCannotDo) {
  const auto first_only = [](const std::vector<Element>& samples) {
    return Element{samples.front()[0], element_of(static_cast<int64_t>(samples.size()))[0]};
  };
  std::vector<int64_t> sizes;
  for (const Batch& batch : DataLoader(Table{}, {.batch_size = 10, .num_workers = 2, .collate = first_only}))
    sizes.push_back(batch.y[0].data<int64_t>()[0]);
  EXPECT_EQ(sizes, (std::vector<int64_t>{10, 10, 10, 7}));
  EXPECT_THROW(DataLoader(Table{}, {.batch_size = 0}), Error);
  EXPECT_THROW(DataLoader(Dataset::range(5).filter([](const Element&) { return true; }), {.shuffle = true}), Error);
  const DataLoader out_of_range(Table{}, {.sampler = [](uint64_t) { return std::vector<int64_t>{37}; }});
  EXPECT_THROW(out_of_range.begin(), Error);
}

}  // namespace
}  // namespace batchwise
