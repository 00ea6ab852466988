// Facts of cells that are written once, by whoever comes first.
#include "data/written_once.h"

#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(WrittenOnce, ACellIsWrittenOnceByManyThreadsAndSeenWhole) {
  constexpr size_t kCells = 200;
  WrittenOnce cells(kCells);
  std::vector<int> values(kCells);
  std::atomic<int> written{0}, wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (size_t cell = 0; cell < kCells; ++cell) {
          if (!cells.there(cell)) written += cells.write(cell, [&] { values[cell] += 7; });
          if (cells.there(cell)) wrong += values[cell] != 7;
        }
      });
  }
  EXPECT_EQ(written, static_cast<int>(kCells));
  EXPECT_EQ(wrong, 0);
  for (size_t cell = 0; cell < kCells; ++cell) EXPECT_TRUE(cells.there(cell));
}

TEST(WrittenOnce, ACellWhoseWritingFailedIsWrittenByTheNext) {
  WrittenOnce cells(1);
  EXPECT_THROW(cells.write(0, [] { throw std::runtime_error("full"); }), std::runtime_error);
  EXPECT_FALSE(cells.there(0));
  EXPECT_TRUE(cells.write(0, [] {}));
  EXPECT_FALSE(cells.write(0, [] { ADD_FAILURE(); }));
}

}  // namespace
}  // namespace batchwise
