// Facts of elements that are text, which belongs to somebody, and of elements that fail, after which the others go on.
#include <gtest/gtest.h>

#include <batchwise/data_loader.h>
#include <batchwise/dataset.h>

#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

// Longer than a std::string keeps in place, so that text that is gone is seen to be gone.
std::string word(int64_t i) { return "a word of more than thirty-two characters, number " + std::to_string(i); }

// Text that each element's array owns, made anew whenever it is asked for.
Dataset words(int64_t count) {
  return Dataset::range(count).map(
      [](const Element& x) { return Element{Array::text({word(x[0].data<int64_t>()[0])}, {})}; });
}

std::vector<std::string> texts(const Dataset& data) {
  std::vector<std::string> all;
  std::vector<Element> kept;  // elements outlive the stream that gave them
  {
    const auto stream = data.stage()->open(0);
    for (Element element; stream->next(element);) kept.push_back(element);
  }
  for (const Element& element : kept)
    for (const std::string_view text : element[0].values<std::string_view>()) all.emplace_back(text);
  return all;
}

std::vector<std::string> expected(int64_t count) {
  std::vector<std::string> all;
  for (int64_t i = 0; i < count; ++i) all.push_back(word(i));
  return all;
}

TEST(TextElements, KeepTheirTextThroughStagesThatCopyThem) {
  EXPECT_EQ(texts(words(7)), expected(7));
  EXPECT_EQ(texts(words(7).batch(3)), expected(7));
  EXPECT_EQ(texts(words(7).padded_batch(3)), expected(7));
  EXPECT_EQ(texts(words(7).batch(3).unbatch()), expected(7));
  EXPECT_EQ(texts(words(7).batch(3).rebatch({2})), expected(7));
  EXPECT_EQ(texts(words(7).cache().repeat(2)).size(), 14u);
  EXPECT_EQ(texts(words(7).prefetch(2).batch(7)), expected(7));
}

TEST(TextElements, AreEqualWhenTheirCharactersAre) {
  const Dataset four = Dataset::range(8).map(
      [](const Element& x) { return Element{Array::text({word(x[0].data<int64_t>()[0] % 4)}, {})}; });
  EXPECT_EQ(texts(four.unique()), expected(4));
}

using TextInFiles = TemporaryFolder;
TEST_F(TextInFiles, IsRefused) {
  EXPECT_THROW(texts(words(3).cache(folder_ + "/words")), Error);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/words"));
}

TEST(TextElements, ByNumberAreRefusedWhereNobodyWouldOwnThem) {
  struct Words {
    int64_t size() const { return 3; }
    Element get(int64_t i) const { return {Array::text({word(i)}, {})}; }
  };
  EXPECT_THROW(from_samples(Words{}), Error);
}

Dataset failing(int64_t at) {
  return Dataset::range(6).map([at](const Element& x) {
    if (x[0].data<int64_t>()[0] == at) fail("test", "the element must not be ", at, ".");
    return x;
  });
}

TEST(FailedElements, OfAZipTakeTheirPartnersWithThem) {
  const Dataset zipped = Dataset::zip({failing(2), Dataset::range(6)}).ignore_errors();
  const auto stream = zipped.stage()->open(0);
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (Element element; stream->next(element);)
    pairs.emplace_back(element[0].data<int64_t>()[0], element[1].data<int64_t>()[0]);
  EXPECT_EQ(pairs, (std::vector<std::pair<int64_t, int64_t>>{{0, 0}, {1, 1}, {3, 3}, {4, 4}, {5, 5}}));
}

TEST(FailedElements, OfABucketDoNotComeAgain) {
  // Buckets are padded to below 3: the sequence of 5 steps fits none.
  const Dataset sequences = Dataset::range(6).map(
      [](const Element& x) { return Element{Array(DType::Float32, {x[0].data<int64_t>()[0] == 3 ? 5 : 2})}; });
  const auto length = [](const Element& x) { return x[0].rows() == 5 ? int64_t{1} : int64_t{2}; };
  const Dataset buckets =
      sequences
          .bucket_by_sequence_length(
              length, {.bucket_boundaries = {2, 3}, .bucket_batch_sizes = {1, 5, 1}, .pad_to_bucket_boundary = true})
          .ignore_errors();
  const auto stream = buckets.stage()->open(0);
  int64_t rows = 0, batches = 0;
  for (Element element; batches < 100 && stream->next(element); ++batches) rows += element[0].rows();
  EXPECT_EQ(batches, 1);
  EXPECT_EQ(rows, 5);
}

}  // namespace
}  // namespace batchwise
