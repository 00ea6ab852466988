// The noise scale of every weight, printed and as an event.
#include "report/noise_by_layer.h"

#include <gtest/gtest.h>

#include "report/events.h"

namespace batchwise {
namespace {

TEST(NoiseByLayer, NamesEveryWeightAndSaysWhereTheNumberIsNotKnown) {
  History history;
  EXPECT_EQ(noise_by_layer_text(history), "");
  history.noise_scale_by_layer = {{"dense/kernel", NoiseScale{.value = 812.4, .low = 700, .high = 959.7}},
                                  {"dense/bias", std::nullopt}};
  EXPECT_EQ(noise_by_layer_text(history),
            "Noise scale of each weight, in samples, with its 95 % interval:\n"
            "  dense/kernel  812 (700-960)\n"
            "  dense/bias    not known well enough\n");
  EXPECT_EQ(json_line(noise_by_layer_event(history)),
            "{\"event\":\"noise_scale_by_layer\",\"weights\":[{\"weight\":\"dense/kernel\",\"value\":812.4,"
            "\"low\":700.0,\"high\":959.7},{\"weight\":\"dense/bias\"}]}");
}

}  // namespace
}  // namespace batchwise
