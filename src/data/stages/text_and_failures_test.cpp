// Facts of elements that are text, which belongs to somebody, and of elements that fail, after which the others go on.
#include <algorithm>
#include <atomic>

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

TEST(FailedElements, SayWhereTheyAreWhateverIsThrown) {
  const Dataset thrown = Dataset::range(6).map([](const Element& x) -> Element {
    if (x[0].data<int64_t>()[0] == 3) throw 42;
    return x;
  });
  const auto stream = thrown.stage()->open(0);
  Element element;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(stream->next(element));
  try {
    stream->next(element);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("[map, sample 3 of range"), std::string::npos) << error.what();
    EXPECT_EQ(error.kind(), ErrorKind::Run);
  }
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

// Numbers 0 to 7; every third fails, from 1 on.
Dataset every_third_fails(int64_t workers) {
  return Dataset::range(8).map(
      [](const Element& x) {
        if (x[0].data<int64_t>()[0] % 3 == 1) fail("test", "the element must not be of the third.");
        return x;
      },
      {.num_parallel_calls = workers});
}

// First numbers of the elements; -1 for one that fails.
std::vector<int64_t> first_numbers(const Dataset& data) {
  const auto stream = data.stage()->open(0);
  std::vector<int64_t> numbers;
  Element element;
  while (numbers.size() < 100) try {
      if (!stream->next(element)) break;
      numbers.push_back(element[0].data<int64_t>()[0]);
    } catch (const Error&) { numbers.push_back(-1); }
  return numbers;
}

using Numbers = std::vector<int64_t>;

// All expected values are TensorFlow's, but where skip is said to differ.
TEST(FailedElements, ArePassedOverAsInTensorFlowWhateverTheWorkers) {
  for (const int64_t workers : {int64_t{0}, int64_t{1}, int64_t{3}, kAutotune}) {
    const Dataset data = every_third_fails(workers);
    const auto passed_over = [](const Dataset& after) { return first_numbers(after.ignore_errors()); };
    EXPECT_EQ(first_numbers(data), (Numbers{0, -1, 2, 3, -1, 5, 6, -1})) << workers;
    EXPECT_EQ(passed_over(data), (Numbers{0, 2, 3, 5, 6})) << workers;
    // What TensorFlow gives where it does not join map and batch into one stage.
    EXPECT_EQ(first_numbers(data.batch(2)), (Numbers{-1, 2, -1, 5, -1})) << workers;
    EXPECT_EQ(passed_over(data.shuffle({.buffer_size = 3, .seed = 1})), (Numbers{2, 5, 0, 6, 3})) << workers;
    EXPECT_EQ(passed_over(data.prefetch(2)), (Numbers{0, 2, 3, 5, 6})) << workers;
    EXPECT_EQ(passed_over(data.take(4)), (Numbers{0, 2, 3, 5})) << workers;
    EXPECT_EQ(passed_over(data.repeat(2)), (Numbers{0, 2, 3, 5, 6, 0, 2, 3, 5, 6})) << workers;
    EXPECT_EQ(passed_over(data.map([](const Element& x) { return x; }, {.num_parallel_calls = workers})),
              (Numbers{0, 2, 3, 5, 6}))
        << workers;
    EXPECT_EQ(passed_over(data.filter([](const Element&) { return true; })), (Numbers{0, 2, 3, 5, 6})) << workers;
    EXPECT_EQ(passed_over(Dataset::range(2).interleave(
                  [&](const Element&) { return data.take(3); },
                  {.cycle_length = 2, .num_parallel_calls = std::min(workers, int64_t{2})})),
              (Numbers{0, 0, 2, 2, 3, 3}))
        << workers;
    // What is skipped is not made, so that it cannot fail.
    EXPECT_EQ(passed_over(data.skip(2)), (Numbers{2, 3, 5, 6})) << workers;
  }
}

TEST(FailedElements, OfAnEarlierStageMoveNoAddressOfALaterOne) {
  const auto key_of = [](const Element&, const Address& address) {
    return Element{Array::from<int64_t>({address.sample}, {})};
  };
  const Dataset before = Dataset::from_generator([] {
    return [at = int64_t{0}](Element& element) mutable {
      element = {Array::from<int64_t>({at}, {})};
      if (++at % 2 == 0) fail("test", "the element must be even.");
      return at < 20;
    };
  });
  const Numbers one = first_numbers(before.map(key_of).ignore_errors());
  for (const int64_t workers : {int64_t{1}, int64_t{3}, kAutotune})
    EXPECT_EQ(first_numbers(before.map(key_of, {.num_parallel_calls = workers}).ignore_errors()), one) << workers;
}

TEST(FailedElements, ForEverAreGivenUpWithTheLastFailure) {
  const Dataset broken = Dataset::from_generator(
      [] { return [](Element&) -> bool { fail("disk", "the file must be there. Got none."); }; });
  for (const Dataset& data : {broken, broken.assert_cardinality(5)}) try {
      Element element;
      data.ignore_errors().stage()->open(0)->next(element);
      ADD_FAILURE() << "nothing was thrown";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("[disk] the file must be there. Got none."), std::string::npos)
          << error.what();
    }
}

std::string message_of_first_failure(const Dataset& data) {
  try {
    const auto stream = data.stage()->open(0);
    for (Element element; stream->next(element);) {}
  } catch (const Error& error) { return error.what(); }
  return "nothing failed";
}

TEST(FailedElements, OfUsersFunctionsNameStageSampleAndDataAndKeepTheirWords) {
  struct Own : std::logic_error {
    using std::logic_error::logic_error;
  };
  const auto at_5 = [](const Element& x) {
    if (x[0].data<int64_t>()[0] == 5) throw Own("five");
    return x[0].data<int64_t>()[0];
  };
  const auto refuses_5 = [](const Element& x) {
    require(x[0].data<int64_t>()[0] != 5, "mine", "the number must not be 5. Got 5.");
    return x;
  };
  const Dataset data = Dataset::range(9);
  const auto same = [&](const Element& x) { return at_5(x), x; };
  const std::string words = "] the function must not throw. Got: five";
  for (const int64_t workers : {int64_t{0}, int64_t{3}, kAutotune}) {
    EXPECT_EQ(message_of_first_failure(data.map(same, {.num_parallel_calls = workers})),
              "[map, sample 5 of range" + words);
    EXPECT_EQ(message_of_first_failure(data.map(refuses_5, {.num_parallel_calls = workers})),
              "[mine] the number must not be 5. Got 5. In map, sample 5 of range.");
    const auto collate = [&](const std::vector<Element>& samples) { return same(samples.back()); };
    EXPECT_EQ(message_of_first_failure(
                  DataLoader(data, {.batch_size = 2, .num_workers = workers, .collate = collate}).dataset()),
              "[collate, sample 4 of range" + words);
  }
  EXPECT_EQ(message_of_first_failure(data.filter([&](const Element& x) { return at_5(x) >= 0; })),
            "[filter, sample 5 of range" + words);
  EXPECT_EQ(message_of_first_failure(data.take_while([&](const Element& x) { return at_5(x) >= 0; })),
            "[take_while, sample 5 of range" + words);
  EXPECT_EQ(message_of_first_failure(data.scan({}, [&](Element&, const Element& x) { return same(x); })),
            "[scan, sample 5 of range" + words);
  EXPECT_EQ(message_of_first_failure(data.flat_map([&](const Element& x) { return Dataset::range(at_5(x)); })),
            "[interleave, sample 5 of range" + words);
  EXPECT_EQ(message_of_first_failure(
                data.bucket_by_sequence_length(at_5, {.bucket_boundaries = {4}, .bucket_batch_sizes = {2, 2}})),
            "[bucket_by_sequence_length, sample 5 of range" + words);
  const auto window = [](int64_t, const Dataset& one) { return one.batch(2); };
  EXPECT_EQ(message_of_first_failure(data.group_by_window(at_5, window, [](int64_t) { return int64_t{2}; })),
            "[group_by_window, sample 5 of range" + words);
  EXPECT_EQ(message_of_first_failure(from_samples(
                9, [&](int64_t i) { return same(element_of(i)); }, "my samples")),
            "[get, sample 5 of my samples" + words);
  EXPECT_EQ(message_of_first_failure(Dataset::from_generator([&] {
              return [&, at = int64_t{0}](Element& element) mutable { return at_5(element = element_of(at++)) >= 0; };
            })),
            "[generator, sample 5 of generator" + words);
  // The exception itself is there as well.
  try {
    const Dataset mapped = data.map(same);
    const auto stream = mapped.stage()->open(0);
    for (Element element; stream->next(element);) {}
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Run);
    EXPECT_THROW(std::rethrow_if_nested(error), Own);
  }
}

TEST(SkippedElements, AreNotComputedByWorkersEither) {
  std::atomic<int64_t> computed = 0;
  const Dataset data = Dataset::range(1000)
                           .filter([](const Element&) { return true; })
                           .map(
                               [&](const Element& x) {
                                 ++computed;
                                 return x;
                               },
                               {.num_parallel_calls = 2, .columns = {{"", {}, DType::Int64}}});
  const auto stream = data.stage()->open(0);
  EXPECT_EQ(stream->skip(990), 990);
  EXPECT_EQ(computed, 0);
  Element element;
  ASSERT_TRUE(stream->next(element));
  EXPECT_EQ(element[0].data<int64_t>()[0], 990);
  EXPECT_EQ(stream->skip(100), 9);
}

TEST(GeneratorColumns, AreLookedUpOnce) {
  int64_t begun = 0;
  const Dataset data = Dataset::from_generator([&] {
    ++begun;
    return [left = 3](Element& element) mutable {
      element = {Array(DType::Float32, {2})};
      return left-- > 0;
    };
  });
  EXPECT_EQ(data.batch(2).columns()[0].shape[1], 2);
  EXPECT_EQ(data.columns().size(), 1u);
  EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace batchwise
