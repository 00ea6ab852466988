// Facts of sample caches: the same rows, from the file when it is there; damage, full disks and rivals are survived.
#include "data/sample_cache/cached_samples.h"

#include <filesystem>
#include <numeric>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

// Row r holds 100 r, 100 r + 1, ...; counts what is asked for.
class Numbers : public Source {
 public:
  explicit Numbers(int64_t rows, std::string identity = "numbers") : rows_(rows), identity_(std::move(identity)) {}
  int64_t size() const override { return rows_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    for (size_t i = 0; i < rows.size(); ++i, ++fetched)
      if (column == 0)
        std::iota(static_cast<float*>(out) + i * 5, static_cast<float*>(out) + i * 5 + 5,
                  static_cast<float>(100 * rows[i]));
      else static_cast<uint8_t*>(out)[i] = static_cast<uint8_t>(rows[i]);
  }
  std::string identity() const override { return identity_; }
  mutable std::atomic<int64_t> fetched{0};

 private:
  int64_t rows_;
  std::string identity_;
  std::vector<Column> columns_ = {{"x", Shape{5}, DType::Float32}, {"y", Shape{}, DType::UInt8}};
};

class SampleCaches : public TemporaryFolder {
 protected:
  static void check_all(const Source& source) {
    std::vector<int64_t> rows(static_cast<size_t>(source.size()));
    std::iota(rows.rbegin(), rows.rend(), 0);
    std::vector<float> x(rows.size() * 5);
    std::vector<uint8_t> y(rows.size());
    source.fetch(0, rows, x.data());
    source.fetch(1, rows, y.data());
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(x[5 * i + 4], static_cast<float>(100 * rows[i] + 4));
      ASSERT_EQ(y[i], static_cast<uint8_t>(rows[i]));
    }
  }
};

TEST_F(SampleCaches, GiveTheSameRowsAndAskTheSourceOnce) {
  const auto source = std::make_shared<Numbers>(50);
  {
    const CachedSamples cached(source, path("c.bwsamples"));
    EXPECT_FALSE(cached.complete());
    check_all(cached);
    EXPECT_TRUE(cached.complete());
    check_all(cached);
    EXPECT_EQ(source->fetched, 100);
  }
  const CachedSamples again(source, path("c.bwsamples"));
  EXPECT_TRUE(again.complete());
  check_all(again);
  EXPECT_EQ(source->fetched, 100);
}

TEST_F(SampleCaches, ReadWhatIsThereBeforeAllIs) {
  const auto source = std::make_shared<Numbers>(50);
  const CachedSamples cached(source, path("c.bwsamples"));
  float x[5];
  const int64_t row = 7;
  for (int i = 0; i < 3; ++i) cached.fetch(0, {&row, 1}, x);
  EXPECT_EQ(x[1], 701);
  EXPECT_EQ(source->fetched, 1);
}

TEST_F(SampleCaches, AreMadeAnewForOtherData) {
  for (const char* identity : {"a", "b", "a"}) {
    const auto source = std::make_shared<Numbers>(9, identity);
    const CachedSamples cached(source, path("c.bwsamples"));
    EXPECT_FALSE(cached.complete());
    check_all(cached);
  }
  EXPECT_NE(message_of([&] {
              CachedSamples(std::make_shared<Numbers>(9, ""), path("c.bwsamples"));
            }).find("knows when it changes"),
            std::string::npos);
}

TEST_F(SampleCaches, LeaveNothingWhenTheRunEndsEarly) {
  {
    const CachedSamples cached(std::make_shared<Numbers>(9), path("c.bwsamples"));
    float x[5];
    const int64_t row = 1;
    cached.fetch(0, {&row, 1}, x);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SampleCaches, NameTheFileWhenItsBytesChanged) {
  check_all(CachedSamples(std::make_shared<Numbers>(9), path("c.bwsamples")));
  std::fstream file(path("c.bwsamples"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 + 3 * 64 + 2);
  file.put('!');
  file.close();
  const CachedSamples cached(std::make_shared<Numbers>(9), path("c.bwsamples"));
  EXPECT_NE(message_of([&] { check_all(cached); }).find("c.bwsamples] a cached sample must have the bytes"),
            std::string::npos);
  // Cut short while in use: an error, not a signal.
  std::filesystem::resize_file(path("c.bwsamples"), 5000);
  EXPECT_NE(message_of([&] { check_all(cached); }).find("c.bwsamples]"), std::string::npos);
  EXPECT_FALSE(CachedSamples(std::make_shared<Numbers>(9), path("c.bwsamples")).complete());
}

TEST_F(SampleCaches, SayBeforehandThatTheDiskHasNoRoom) {
  // A limit of file sizes stands for the full disk.
  rlimit before;
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string said = message_of([&] { CachedSamples(std::make_shared<Numbers>(100000), path("c.bwsamples")); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  EXPECT_NE(said.find("c.bwsamples] the file"), std::string::npos) << said;
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(SampleCaches, MayBeSharedByThreadsAndByRuns) {
  const auto source = std::make_shared<Numbers>(200);
  const CachedSamples one(source, path("c.bwsamples")), other(source, path("c.bwsamples"));
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) check_all(t % 2 ? one : other);
    });
  threads.clear();
  EXPECT_TRUE(one.complete() && other.complete());
  EXPECT_TRUE(CachedSamples(source, path("c.bwsamples")).complete());
}

TEST_F(SampleCaches, LieInAFolderUnderTheDatasName) {
  const std::string a = sample_cache_path(path("cache"), Numbers(3, "a")),
                    b = sample_cache_path(path("cache"), Numbers(3, "b"));
  EXPECT_NE(a, b);
  EXPECT_EQ(a, sample_cache_path(path("cache"), Numbers(3, "a")));
}

}  // namespace
}  // namespace batchwise
