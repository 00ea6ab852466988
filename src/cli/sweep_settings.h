// What a sweep was asked for: from the command line to sweep.json and back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/sweep.h>

#include "cli/arguments.h"
#include "cli/settings.h"

namespace batchwise {

struct SweepSettings {
  TrainSettings train;  // what all cells share; its seed is the first of them
  std::vector<int64_t> batch_sizes;
  std::vector<double> learning_rates;
  std::vector<std::string> optimizers;
  int64_t seeds = 1, epochs = 0, samples = 0;
  std::string rule = "auto", target;
  bool halving = false;
  double seconds = 0;  // of training; 0: no bound

  void declare(Arguments& arguments);
  void check() const;
  // `size`: samples of the data. Without directory and functions.
  SweepOptions options(int64_t size) const;
  Config config() const;
  static SweepSettings from(const Config& config);
};

}  // namespace batchwise
