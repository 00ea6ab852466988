// Every dataset expression of tests/golden/tfdata.json gives TensorFlow's cardinality, elements and errors.
#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <batchwise/dataset.h>

#include "data/stages/golden_elements_test.h"

namespace batchwise {
namespace {

using D = Dataset;

Array scalar(int64_t value) { return Array::from<int64_t>({value}, {}); }
int64_t number(const Element& element, size_t component = 0) { return element.at(component).data<int64_t>()[0]; }
D R(int64_t n) { return D::range(n); }
D ints(const std::vector<int32_t>& v) {
  return D::from_tensor_slices({Array::from<int32_t>(v, {static_cast<int64_t>(v.size())})});
}
D longs(const std::vector<int64_t>& v) {
  return D::from_tensor_slices({Array::from<int64_t>(v, {static_cast<int64_t>(v.size())})});
}
// Strings are told apart by their first letter here.
D texts(const std::string& letters) {
  return D::from_tensor_slices(
      {Array::from<uint8_t>({letters.begin(), letters.end()}, {static_cast<int64_t>(letters.size())})});
}
D ragged(std::vector<int64_t> lengths) {
  return D::from_generator(
      [lengths]() -> D::Next {
        return [lengths, i = int64_t{0}](Element& element) mutable {
          if (i == static_cast<int64_t>(lengths.size())) return false;
          std::vector<int32_t> values;
          for (int64_t k = 0; k < lengths[static_cast<size_t>(i)]; ++k)
            values.push_back(static_cast<int32_t>(10 * i + k));
          element = {Array::from<int32_t>(values, {static_cast<int64_t>(values.size())})};
          ++i;
          return true;
        };
      },
      {{"", {kUnknownDim}, DType::Int32}});
}
D thrice(const Element& x) { return D::from_tensors(x).repeat(3); }
std::vector<D> three() { return {D::range(0, 3), D::range(10, 12), D::range(20, 25)}; }
int64_t length(const Element& element) { return element[0].shape()[0]; }
const std::vector<int64_t> kLengths = {1, 4, 2, 7, 3, 5, 1, 8, 2, 6};

using Case = std::function<D()>;

std::map<std::string, Case> cases() {
  std::map<std::string, Case> c;
  for (const int64_t n : {10, 3, 8, 0})
    for (const bool drop : {false, true})
      c["range(" + std::to_string(n) + ").batch(4, drop_remainder=" + (drop ? "True" : "False") + ")"] = [=] {
        return R(n).batch(4, {.drop_remainder = drop});
      };
  c["range(10).batch(0)"] = [] { return R(10).batch(0); };
  c["range(10).batch(2).batch(3)"] = [] { return R(10).batch(2).batch(3); };
  c["ragged lengths [1,2,2] .batch(2)"] = [] { return ragged({1, 2, 2}).batch(2); };
  c["ragged lengths [1,3,2] .ragged_batch(2)"] = [] { return ragged({1, 3, 2}).ragged_batch(2); };
  const std::vector<int64_t> five = {1, 3, 2, 0, 4};
  c["lengths [1,3,2,0,4] .padded_batch(2)"] = [=] { return ragged(five).padded_batch(2); };
  c["lengths [1,3,2,0,4] .padded_batch(2, padded_shapes=[5], padding_values=-1)"] = [=] {
    return ragged(five).padded_batch(2, {.padded_shapes = {{5}}, .padding_values = {-1}});
  };
  c["lengths [1,3,2,0,4] .padded_batch(2, drop_remainder=True, padding_values=9)"] = [=] {
    return ragged(five).padded_batch(2, {.padding_values = {9}, .drop_remainder = true});
  };
  c["lengths [1,6] .padded_batch(2, padded_shapes=[5])"] = [] {
    return ragged({1, 6}).padded_batch(2, {.padded_shapes = {{5}}});
  };
  c["(ragged, scalar) .padded_batch(2, padded_shapes=([None], []))"] = [] {
    return D::zip({ragged({1, 3, 2}), R(3)})
        .padded_batch(2, {.padded_shapes = {{kUnknownDim}, {}}, .padding_values = {0, -1}});
  };
  c["range(7).window(3,1,1,True).flat_map(batch(3))"] = [] {
    return R(7).window(3, {.shift = 1, .drop_remainder = true}).flat_map([](const D& w) { return w.batch(3); });
  };
  c["range(7).window(3,2).flat_map(batch(3))"] = [] {
    return R(7).window(3, {.shift = 2}).flat_map([](const D& w) { return w.batch(3); });
  };
  c["[[1,2,3],[4,5,6]].unbatch()"] = [] {
    return D::from_tensor_slices({Array::from<int32_t>({1, 2, 3, 4, 5, 6}, {2, 3})}).unbatch();
  };
  c["range(7).batch(3).unbatch()"] = [] { return R(7).batch(3).unbatch(); };
  c["scalar unbatch"] = [] { return R(3).unbatch(); };
  c["range(3).repeat(None)"] = [] { return R(3).repeat(); };
  for (const int64_t n : {-1, 0, 2}) c["range(3).repeat(" + std::to_string(n) + ")"] = [=] { return R(3).repeat(n); };
  c["range(5).batch(2).repeat(2)"] = [] { return R(5).batch(2).repeat(2); };
  c["range(5).repeat(2).batch(2)"] = [] { return R(5).repeat(2).batch(2); };
  c["range(0).repeat()"] = [] { return R(0).repeat(3); };
  for (const int64_t n : {-1, 0, 2, 9}) {
    c["range(5).take(" + std::to_string(n) + ")"] = [=] { return R(5).take(n); };
    c["range(5).skip(" + std::to_string(n) + ")"] = [=] { return R(5).skip(n); };
  }
  for (const auto& [n, i] : std::vector<std::pair<int, int>>{{3, 0}, {3, 1}, {3, 2}, {1, 0}, {12, 11}, {3, 3}, {0, 0}})
    c["range(10).shard(" + std::to_string(n) + "," + std::to_string(i) + ")"] = [n = n, i = i] {
      return R(10).shard(n, i);
    };
  c["range(10).batch(2).shard(2,1)"] = [] { return R(10).batch(2).shard(2, 1); };
  c["zip((range(3), range(10,15)))"] = [] { return D::zip({R(3), D::range(10, 15)}); };
  c["zip(range(3), {'a': range(2)})"] = [] { return D::zip({R(3), R(2)}); };
  c["range(3).concatenate(range(7,9))"] = [] { return R(3).concatenate(D::range(7, 9)); };
  c["range(3).concatenate(range(7,9)).batch(2)"] = [] { return R(3).concatenate(D::range(7, 9)).batch(2); };
  c["concatenate infinite"] = [] { return R(2).repeat().concatenate(R(3)); };
  c["range(2).concatenate(strings)"] = [] { return R(2).concatenate(texts("a")); };
  for (const auto& [cycle, block] :
       std::vector<std::pair<int, int>>{{1, 1}, {2, 1}, {2, 2}, {3, 1}, {2, 5}, {10, 1}, {4, 4}, {3, 2}}) {
    const std::string tail = "cycle_length=" + std::to_string(cycle) + ", block_length=" + std::to_string(block) + ")";
    c["range(1,6).interleave(x -> [x]*3, " + tail] = [cycle = cycle, block = block] {
      return D::range(1, 6).interleave(thrice, {.cycle_length = cycle, .block_length = block});
    };
    c["same, num_parallel_calls=2, deterministic=True, cycle " + std::to_string(cycle) + " block " +
      std::to_string(block)] = [cycle = cycle, block = block] {
      return D::range(1, 6).interleave(thrice, {.cycle_length = cycle, .block_length = block, .num_parallel_calls = 2});
    };
  }
  for (const auto& [cycle, block] : std::vector<std::pair<int, int>>{{2, 1}, {3, 2}, {2, 3}})
    c["range(5).interleave(x -> range(x), cycle_length=" + std::to_string(cycle) +
      ", block_length=" + std::to_string(block) + ")"] = [cycle = cycle, block = block] {
      return R(5).interleave([](const Element& x) { return R(number(x)); },
                             {.cycle_length = cycle, .block_length = block});
    };
  c["range(4).flat_map(x -> range(x))"] = [] { return R(4).flat_map([](const Element& x) { return R(number(x)); }); };
  c["range(10).filter(x%3==0)"] = [] { return R(10).filter([](const Element& x) { return number(x) % 3 == 0; }); };
  c["['a','b'].enumerate(5)"] = [] { return texts("ab").enumerate(5); };
  c["range(3).enumerate()"] = [] { return R(3).enumerate(); };
  c["range(5).map(x*x)"] = [] { return R(5).map([](const Element& x) { return scalar(number(x) * number(x)); }); };
  c["range(5).map(num_parallel_calls=4)"] = [] {
    return R(5).map([](const Element& x) { return std::pair(scalar(number(x)), scalar(number(x) + 1)); },
                    {.num_parallel_calls = 4});
  };
  const std::vector<std::pair<std::string, std::pair<std::vector<int64_t>, bool>>> rebatches = {
      {"2, drop_remainder=False", {{2}, false}},
      {"3, drop_remainder=False", {{3}, false}},
      {"4, drop_remainder=True", {{4}, true}},
      {"7, drop_remainder=False", {{7}, false}},
      {"[2, 1], drop_remainder=False", {{2, 1}, false}},
      {"[1, 2, 3], drop_remainder=True", {{1, 2, 3}, true}},
      {"[2, 0, 1], drop_remainder=False", {{2, 0, 1}, false}}};
  for (const auto& [text, how] : rebatches)
    c["range(8).batch(4).rebatch(" + text + ")"] = [how = how] {
      return R(8).batch(4).rebatch(how.first, {.drop_remainder = how.second});
    };
  c["range(9).batch(4).rebatch(3)"] = [] { return R(9).batch(4).rebatch(3); };
  const std::string bucket = "lengths [1, 4, 2, 7, 3, 5, 1, 8, 2, 6] .bucket_by_sequence_length(len, [3,6], [2,2,2], ";
  const auto buckets = [](BucketOptions options, std::vector<int64_t> lengths = kLengths) {
    options.bucket_boundaries = {3, 6};
    options.bucket_batch_sizes = {2, 2, 2};
    return ragged(std::move(lengths)).bucket_by_sequence_length(length, options);
  };
  c[bucket + "{})"] = [=] { return buckets({}); };
  c[bucket + "{'drop_remainder': True})"] = [=] { return buckets({.drop_remainder = true}); };
  c[bucket + "{'pad_to_bucket_boundary': True})"] = [=] {
    std::vector<int64_t> lengths = kLengths;
    for (int64_t& n : lengths) n = std::min<int64_t>(n, 5);
    return buckets({.pad_to_bucket_boundary = true}, lengths);
  };
  c[bucket + "{'padding_values': -1})"] = [=] { return buckets({.padding_values = {-1}}); };
  c[bucket + "{'no_padding': True})"] = [=] { return buckets({.no_padding = true}); };
  c["bucket pad_to_bucket_boundary with a longer element"] = [] {
    return ragged({1, 9}).bucket_by_sequence_length(
        length, {.bucket_boundaries = {3, 6}, .bucket_batch_sizes = {1, 1, 1}, .pad_to_bucket_boundary = true});
  };
  c["bucket (x, y) lengths [1,4,2,3], [3], [2,2]"] = [] {
    return D::zip({ragged({1, 4, 2, 3}), R(4)})
        .bucket_by_sequence_length(length, {.bucket_boundaries = {3}, .bucket_batch_sizes = {2, 2}});
  };
  c["range(5).scan(0, (s+x, s+x))"] = [] {
    return R(5).scan({scalar(0)},
                     [](Element& state, const Element& x) { return state = {scalar(number(state) + number(x))}; });
  };
  c["range(10).reduce via scan"] = [] {
    return R(4).scan({scalar(1)}, [](Element& state, const Element& x) {
      const Element before = state;
      state = {scalar(number(state) * (number(x) + 1))};
      return before;
    });
  };
  c["range(10).take_while(x<4)"] = [] { return R(10).take_while([](const Element& x) { return number(x) < 4; }); };
  c["[1,5,2].take_while(x<4)"] = [] {
    return ints({1, 5, 2}).take_while([](const Element& x) { return x[0].data<int32_t>()[0] < 4; });
  };
  const auto turns = [](int64_t rounds) {
    std::vector<int64_t> v;
    for (int64_t i = 0; i < 3 * rounds; ++i) v.push_back(i % 3);
    return longs(v);
  };
  c["choose_from_datasets([0,1,2,0,1,2,0,1,2], stop_on_empty=True)"] = [=] {
    return D::choose_from_datasets(three(), turns(3));
  };
  c["choose_from_datasets stop_on_empty=False"] = [=] { return D::choose_from_datasets(three(), turns(5), false); };
  c["choose_from_datasets choice range(2).repeat(2) on one/two"] = [] {
    return D::choose_from_datasets({texts("o").repeat(), texts("t").repeat()}, R(2).repeat(2));
  };
  c["choose_from_datasets index 5"] = [] { return D::choose_from_datasets(three(), longs({0, 5})); };
  c["sample_from_datasets weights [1,0]"] = [] {
    return D::sample_from_datasets({R(3), D::range(5, 7)}, {.weights = {1.0, 0.0}, .seed = 1});
  };
  const auto grouped = [](int64_t modulo, int64_t rows, std::function<int64_t(int64_t)> size) {
    return R(10).group_by_window([modulo](const Element& x) { return number(x) % modulo; },
                                 [rows](int64_t, const D& window) { return window.batch(rows); }, std::move(size));
  };
  c["range(10).group_by_window(x%2, batch(5), 5)"] = [=] { return grouped(2, 5, [](int64_t) { return 5; }); };
  c["range(10).group_by_window(x%3, batch(4), 2)"] = [=] { return grouped(3, 4, [](int64_t) { return 2; }); };
  c["group_by_window window_size_func 1+k"] = [=] { return grouped(3, 10, [](int64_t key) { return key + 1; }); };
  c["range(5).prefetch(2).cache()"] = [] { return R(5).prefetch(2).cache(); };
  c["from_tensors([1,2])"] = [] { return D::from_tensors({Array::from<int32_t>({1, 2}, {2})}); };
  c["from_tensor_slices(({'a':[1,2]}, [3,4]))"] = [] {
    return D::from_tensor_slices({Array::from<int32_t>({1, 2}, {2}), Array::from<int32_t>({3, 4}, {2})});
  };
  c["range(5,0,-2)"] = [] { return D::range(5, 0, -2); };
  c["range(0)"] = [] { return R(0); };
  c["[1,1,2,2,1].unique()"] = [] { return ints({1, 1, 2, 2, 1}).unique(); };
  c["sparse_batch"] = [] { return ragged({2, 1}).sparse_batch(2, {3}); };
  c["range(5).apply(assert_cardinality(4))"] = [] { return R(5).assert_cardinality(4); };
  c["ignore_errors"] = [] {
    return D::from_tensor_slices({Array::from<float>({1, 0, 2}, {3})})
        .map([](const Array& x) {
          require(x.data<float>()[0] != 0, "check_numerics", "the value must be finite.");
          return Array::from<float>({1 / x.data<float>()[0]}, {});
        })
        .ignore_errors();
  };
  c["mismatched zip slices"] = [] {
    return D::from_tensor_slices({Array::from<int32_t>({1, 2, 3}, {3}), Array::from<int32_t>({1, 2}, {2})});
  };
  c["random(seed=4).take(4)"] = [] { return D::random(4).take(4); };
  c["snapshot-free shuffle(1)"] = [] { return R(5).shuffle(1); };
  c["range(6).batch(2).map(sum)"] = [] {
    return R(6).batch(2).map([](const Array& x) {
      int64_t sum = 0;
      for (const int64_t value : x.values<int64_t>()) sum += value;
      return scalar(sum);
    });
  };
  return c;
}

TEST(TfDataGolden, EveryExpressionGivesTensorflowsElements) {
  const auto table = cases();
  int compared = 0;
  for (const json& about : golden()["cases"]) {
    const std::string op = about["op"];
    if (op.find("two passes") != std::string::npos ||
        (op.find(".window(") != std::string::npos && op.find("flat_map") == std::string::npos))
      continue;
    SCOPED_TRACE(op);
    ASSERT_TRUE(table.contains(op));
    ++compared;
    if (about.contains("error")) {
      EXPECT_THROW(
          {
            const D data = table.at(op)();
            if (about.contains("cardinality")) { EXPECT_EQ(data.cardinality(), about["cardinality"]); }
            elements_of(data, 0, 40);
          },
          Error);
      continue;
    }
    const D data = table.at(op)();
    EXPECT_EQ(data.cardinality(), about["cardinality"]);
    json wanted = json::array();
    for (const json& element : about["elements"]) wanted.push_back(letters_as_numbers(flat(element)));
    const int64_t most = about["cardinality"] == -1 ? static_cast<int64_t>(wanted.size()) : 40;
    EXPECT_EQ(elements_of(data, 0, most), wanted);
    EXPECT_EQ(elements_of(data, 1, most) == wanted, about["second_pass_equal"]);
    const std::vector<Column> columns = data.columns();
    if (about["elements"].empty() && columns.empty()) continue;
    if (about["elements"].size() > 0 && flat(about["elements"][0]).size() != about["spec"].size()) continue;
    ASSERT_EQ(columns.size(), about["spec"].size());
    for (size_t i = 0; i < columns.size(); ++i)
      EXPECT_EQ(columns[i].shape.rank(), static_cast<int>(about["spec"][i][0].size()));
  }
  EXPECT_EQ(compared, 114);
}

TEST(TfDataGolden, WindowsAreTensorflows) {
  const std::map<std::string, std::pair<int64_t, WindowOptions>> table = {
      {"(3,)", {3, {}}},
      {"(3, 1)", {3, {.shift = 1}}},
      {"(3, 2)", {3, {.shift = 2}}},
      {"(3, 2, 2)", {3, {.shift = 2, .stride = 2}}},
      {"(3, None, 1, True)", {3, {.drop_remainder = true}}},
      {"(3, 1, 1, True)", {3, {.shift = 1, .drop_remainder = true}}},
      {"(4, 4, 1, False)", {4, {.shift = 4}}},
      {"(2, 3)", {2, {.shift = 3}}}};
  int compared = 0;
  for (const json& about : golden()["cases"]) {
    const std::string op = about["op"];
    const std::string start = "range(7).window";
    if (op.rfind(start, 0) != 0 || op.find("flat_map") != std::string::npos) continue;
    SCOPED_TRACE(op);
    const auto& [size, options] = table.at(op.substr(start.size()));
    const Windows windows = R(7).window(size, options);
    EXPECT_EQ(windows.cardinality(), about["cardinality"]);
    json all = json::array();
    for (const D& window : windows.list()) {
      json one = json::array();
      for (const json& element : elements_of(window, 0, 40)) one.push_back(element[0]);
      all.push_back({{"dataset", one}});
    }
    EXPECT_EQ(all, about["elements"]);
    ++compared;
  }
  EXPECT_EQ(compared, 8);
  json pairs = json::array();
  for (const D& window : D::zip({R(5), D::range(5, 10)}).window(2).list()) pairs.push_back(elements_of(window, 0, 9));
  EXPECT_EQ(pairs, json::parse("[[[0,5],[1,6]],[[2,7],[3,8]],[[4,9]]]"));
}

TEST(TfDataGolden, BufferedShufflesAreTensorflows) {
  const std::map<std::string, std::pair<int64_t, ShuffleOptions>> table = {
      {"range(10).shuffle(10, seed=1, reshuffle_each_iteration=True), two passes",
       {10, {.buffer_size = 10, .seed = 1}}},
      {"range(10).shuffle(3, seed=42, reshuffle_each_iteration=True), two passes",
       {10, {.buffer_size = 3, .seed = 42}}},
      {"range(10).shuffle(10, seed=1337, reshuffle_each_iteration=False), two passes",
       {10, {.buffer_size = 10, .seed = 1337, .reshuffle_each_iteration = false}}},
      {"range(20).shuffle(8, seed=5, reshuffle_each_iteration=True), two passes", {20, {.buffer_size = 8, .seed = 5}}},
      {"tf.random.set_seed(7); range(10).shuffle(10, seed=1), two passes",
       {10, {.buffer_size = 10, .seed = 1, .global_seed = 7}}}};
  int compared = 0;
  for (const json& about : golden()["cases"]) {
    const std::string op = about["op"];
    if (op.find("two passes") == std::string::npos) continue;
    SCOPED_TRACE(op);
    const D data = R(table.at(op).first).shuffle(table.at(op).second);
    for (uint64_t pass = 0; pass < 2; ++pass) {
      json all = json::array();
      for (const json& element : elements_of(data, pass, 40)) all.push_back(element[0]);
      EXPECT_EQ(all, about["elements"][pass]);
    }
    ++compared;
  }
  EXPECT_EQ(compared, 5);
}

TEST(TfDataGolden, ReducingIsTensorflows) {
  const Element sum = R(5).reduce(
      {scalar(0)}, [](const Element& state, const Element& x) { return Element{scalar(number(state) + number(x))}; });
  EXPECT_EQ(number(sum), golden()["reduce"][0]["value"]);
}

}  // namespace
}  // namespace batchwise
