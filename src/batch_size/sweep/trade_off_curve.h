// The curve of updates against samples (McCandlish et al., 2018), fitted to what runs of several batch sizes needed.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/sweep.h>

namespace batchwise {

// What one run needed to the target.
struct NeededToTarget {
  int64_t batch_size = 0;
  uint64_t seed = 0;
  double updates = 0, samples = 0;
};

// Least squares of the logarithms of updates = least (1 + critical / batch size), the same curve written out. Says why
// it cannot be told: fewer than three batch sizes, all of them on one side of the critical one, or points that follow
// no such curve.
TradeOffCurve fit_trade_off(const std::vector<NeededToTarget>& runs);

}  // namespace batchwise
