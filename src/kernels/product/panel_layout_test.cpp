// Kernels in panels.
#include "kernels/product/panel_layout.h"

#include <batchwise/error.h>

#include "kernels/kernel_trial.h"

namespace batchwise {
namespace {

const KernelShape kShapes[] = {{1, 3, 5, 1},   {1, 16, 16, 1}, {1, 40, 70, 1}, {9, 3, 16, 1},
                               {4, 20, 33, 1}, {4, 2, 3, 5},   {9, 17, 20, 2}};

std::vector<int64_t> reversed(int64_t taps) {
  std::vector<int64_t> order;
  for (int64_t t = taps - 1; t >= 0; --t) order.push_back(t);
  return order;
}

std::vector<float> stored(const WeightLayout& layout) {
  return std::vector<float>(static_cast<size_t>(layout.bytes() / 4), NAN);
}

TEST(PanelLayout, GivesBackWhatItPacked) {
  for (const KernelShape& shape : kShapes)
    for (const WeightLayoutPtr& layout : {output_panels(shape), input_panels(shape, reversed(shape.taps))}) {
      const std::vector<float> canonical = trial::random_values(shape.count(), 4);
      std::vector<float> packed = stored(*layout), back(canonical.size(), NAN);
      layout->pack(canonical.data(), packed.data());
      layout->unpack(packed.data(), back.data());
      EXPECT_EQ(back, canonical);
      for (float value : packed) ASSERT_FALSE(std::isnan(value)) << "every byte is written";
    }
}

TEST(PanelLayout, TurnsOutputPanelsIntoInputPanels) {
  for (const KernelShape& shape : kShapes) {
    const WeightLayoutPtr outputs = output_panels(shape), inputs = input_panels(shape, reversed(shape.taps));
    const std::vector<float> canonical = trial::random_values(shape.count(), 4);
    std::vector<float> source = stored(*outputs), expected = stored(*inputs), got = stored(*inputs),
                       copy = stored(*inputs);
    outputs->pack(canonical.data(), source.data());
    inputs->pack(canonical.data(), expected.data());
    inputs->convert(outputs.get(), source.data(), got.data());
    EXPECT_EQ(got, expected);
    inputs->convert(inputs.get(), got.data(), copy.data());
    EXPECT_EQ(copy, expected);
    inputs->convert(nullptr, canonical.data(), copy.data());
    EXPECT_EQ(copy, expected);
  }
}

TEST(PanelLayout, TellsLayoutsApart) {
  const KernelShape shape{4, 3, 5, 1}, other{4, 5, 3, 1};
  EXPECT_TRUE(output_panels(shape)->same(*output_panels(shape)));
  EXPECT_FALSE(output_panels(shape)->same(*output_panels(other)));
  EXPECT_FALSE(output_panels(shape)->same(*input_panels(shape, reversed(4))));
  EXPECT_FALSE(input_panels(shape, {0, 1, 2, 3})->same(*input_panels(shape, reversed(4))));
  std::vector<float> source = stored(*output_panels(other)), target = stored(*output_panels(shape));
  EXPECT_THROW(output_panels(shape)->convert(output_panels(other).get(), source.data(), target.data()), Error);
  EXPECT_THROW(input_panels(shape, reversed(4))->convert(output_panels(other).get(), source.data(), target.data()),
               Error);
}

}  // namespace
}  // namespace batchwise
