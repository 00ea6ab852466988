// Bins that are learned from values: their number may not change once other layers are built on it.
#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

Array values(int64_t count) {
  Array all(DType::Float32, {count, 1});
  for (int64_t i = 0; i < count; ++i) all.data<float>()[i] = static_cast<float>(i);
  return all;
}

TEST(Discretization, KeepsTheNumberOfBinsThatOtherLayersAreBuiltOn) {
  const LayerRef bins = Discretization({.num_bins = 10, .output_mode = "one_hot"});
  const Symbol x = Input({1});
  const Model model(x, Dense({.units = 4})(bins(x)));
  try {
    LayerRef(bins).adapt(values(5));  // too few for ten bins
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("must keep its number of bins, 10. Got "), std::string::npos)
        << error.what();
  }
  LayerRef(bins).adapt(values(1000));
}

TEST(Discretization, MayLearnAnotherNumberOfBinsBeforeItIsUsed) {
  LayerRef bins = Discretization({.num_bins = 10, .output_mode = "one_hot"});
  bins.adapt(values(5));
  EXPECT_LT(bins(Input({1})).shape().back(), 10);
}

}  // namespace
}  // namespace batchwise
