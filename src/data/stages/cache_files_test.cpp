// Facts of caches in files: another file at their path is left alone.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include <batchwise/dataset.h>

namespace batchwise {
namespace {

struct CacheFiles : ::testing::Test {
  const std::string path =
      (std::filesystem::path(::testing::TempDir()) / ("bw_cache_files_" + std::to_string(::getpid()))).string();
  void SetUp() override { std::filesystem::remove(path); }
  void TearDown() override { std::filesystem::remove(path); }

  static int64_t count(const Dataset& data) {
    int64_t elements = 0;
    const auto stream = data.stage()->open(0);
    for (Element element; stream->next(element);) ++elements;
    return elements;
  }
  std::string text() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

Dataset rows(int64_t count) { return Dataset(Array(DType::Float32, {count, 3}), Array(DType::Float32, {count})); }

TEST_F(CacheFiles, OfSamplesReplaceNoFileOfOthers) {
  std::ofstream(path) << "a model of mine";
  EXPECT_THROW(rows(4).cache(path), Error);
  EXPECT_EQ(text(), "a model of mine");
  std::filesystem::remove(path);
  EXPECT_EQ(count(rows(4).cache(path)), 4);
  EXPECT_EQ(count(rows(4).cache(path)), 4);
  EXPECT_THROW(rows(5).cache(path), Error);
  EXPECT_EQ(count(rows(4).cache(path)), 4);
}

TEST_F(CacheFiles, OfElementsAreRefusedForAnotherNumberOfThem) {
  EXPECT_EQ(count(Dataset::range(30).batch(5).cache(path)), 6);
  EXPECT_EQ(count(Dataset::range(30).batch(5).cache(path)), 6);
  EXPECT_THROW(count(Dataset::range(60).batch(5).cache(path)), Error);
}

}  // namespace
}  // namespace batchwise
