// Facts of the room for decoded samples: rows are given back as they were written, as many as there are places.
#include "data/decoded_room.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <thread>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int64_t kRows = 100, kWide = 5;
using Row = std::array<int32_t, kWide>;

Row row_of(int64_t row) {
  Row values;
  std::iota(values.begin(), values.end(), static_cast<int32_t>(row * 1000));
  return values;
}

TEST(DecodedRoom, GivesAPartOfItselfToEachWhoAsksUntilItIsFull) {
  const int64_t five = DecodedRows::bytes(kRows, sizeof(Row), 5);
  DecodedRoom room(five + DecodedRows::bytes(kRows, sizeof(Row), 2) + 3, -1);
  const auto all = room.take(5, sizeof(Row), {});
  ASSERT_TRUE(all);
  EXPECT_EQ(room.places(), 5);
  EXPECT_TRUE(room.take(kRows, sizeof(Row), {}));
  EXPECT_GT(room.places(), 5);
  EXPECT_LT(room.places(), kRows);
  EXPECT_EQ(room.rows(), 5 + kRows);
  const int64_t full = room.bytes();
  EXPECT_FALSE(room.take(kRows, 1 << 20, {})) << "not a single row goes in";
  EXPECT_EQ(room.bytes(), full);
  EXPECT_EQ(room.take(5, sizeof(Row), all), all) << "who has a part keeps it";
  EXPECT_EQ(room.bytes(), full);
}

TEST(DecodedRoom, HasNoMorePlacesThanAPassHasSamples) {
  DecodedRoom room(1 << 20, 7);
  room.take(kRows, sizeof(Row), {});
  EXPECT_EQ(room.places(), 7);
  EXPECT_TRUE(DecodedRoom(0, -1).empty());
}

TEST(DecodedRoom, HoldsNothingUntilItIsOpened) {
  DecodedRoom room(1 << 20, -1);
  const auto rows = room.take(kRows, sizeof(Row), {});
  Row out{};
  rows->write(3, row_of(3).data());
  EXPECT_FALSE(rows->read(3, out.data()));
  room.open();
  EXPECT_FALSE(rows->read(3, out.data()));
  rows->write(3, row_of(3).data());
  ASSERT_TRUE(rows->read(3, out.data()));
  EXPECT_EQ(out, row_of(3));
}

TEST(DecodedRoom, OfManyThreadsGivesBackWhatWasWrittenWhereThereArePlacesAndNothingElse) {
  for (const int64_t places : {kRows, kRows / 3}) {
    DecodedRoom room(DecodedRows::bytes(kRows, sizeof(Row), places), -1);
    const auto rows = room.take(kRows, sizeof(Row), {});
    room.open();
    std::atomic<int64_t> wrong{0};
    std::vector<std::thread> threads;
    for (int64_t t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int64_t i = 0; i < 20 * kRows; ++i) {
          const int64_t row = i * (2 * t + 7) % kRows;
          Row out{};
          if (!rows->read(row, out.data())) rows->write(row, row_of(row).data());
          else wrong += out != row_of(row);
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(rows->rows_held(), places);
    int64_t there = 0;
    for (int64_t row = 0; row < kRows; ++row) {
      Row out{};
      if (!rows->read(row, out.data())) continue;
      ++there;
      EXPECT_EQ(out, row_of(row));
    }
    EXPECT_EQ(there, places);
  }
}

TEST(DecodedRoom, GivesItsMemoryToAnImageThatDoesNotFitBesideIt) {
  DecodedRoom room(1 << 20, -1);
  const auto rows = room.take(kRows, sizeof(Row), {});
  room.open();
  rows->write(3, row_of(3).data());
  Row out{};
  const int64_t held = room.bytes();
  const DecodingLimit limit(MiB(1), 1000, 1);
  check_decoding_bytes(1000, 0, "an image", "test");
  EXPECT_TRUE(rows->read(3, out.data()));
  EXPECT_THROW(check_decoding_bytes(1001 + held, 0, "an image", "test"), BudgetError);
  EXPECT_TRUE(rows->read(3, out.data())) << "in vain it is not given";
  check_decoding_bytes(1000 + held, 0, "an image", "test");
  EXPECT_FALSE(rows->read(3, out.data()));
  rows->write(3, row_of(3).data());
  EXPECT_FALSE(rows->read(3, out.data()));
  EXPECT_EQ(room.bytes(), 0);
  EXPECT_NO_THROW(check_decoding_bytes(1000 + held, 0, "an image", "test")) << "another of its size";
  EXPECT_THROW(check_decoding_bytes(1001 + held, 0, "an image", "test"), BudgetError);
}

TEST(DecodedRoom, HoldsNoMoreWhileItIsLentAndGivesOnlyWhatItHas) {
  DecodedRoom room(1 << 20, -1);
  const auto rows = room.take(kRows, sizeof(Row), {});
  room.open();
  rows->write(3, row_of(3).data());
  Row out{};
  {
    const LentRoom lent(room);
    rows->write(4, row_of(4).data());
    EXPECT_FALSE(rows->read(4, out.data()));
    EXPECT_TRUE(rows->read(3, out.data()));
    const DecodingLimit limit(MiB(1), 1000, 1);
    EXPECT_THROW(check_decoding_bytes(1001 + static_cast<int64_t>(sizeof(Row)), 0, "an image", "test"), BudgetError);
  }
  rows->write(4, row_of(4).data());
  EXPECT_TRUE(rows->read(4, out.data()));
}

TEST(DecodedRoom, IsGivenBackWhileManyThreadsUseIt) {
  DecodedRoom room(DecodedRows::bytes(kRows, sizeof(Row), kRows), -1);
  const auto rows = room.take(kRows, sizeof(Row), {});
  room.open();
  std::atomic<int64_t> wrong{0}, turns{0};
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = 0; i < 50 * kRows; ++i, ++turns) {
        const int64_t row = i * (2 * t + 7) % kRows;
        Row out{};
        if (!rows->read(row, out.data())) rows->write(row, row_of(row).data());
        else wrong += out != row_of(row);
      }
    });
  while (turns < 20 * kRows) std::this_thread::yield();
  rows->close();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  Row out{};
  EXPECT_FALSE(rows->read(3, out.data()));
}

}  // namespace
}  // namespace batchwise
