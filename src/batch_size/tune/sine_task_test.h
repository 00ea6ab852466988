// A small regression for tests of tune and of branches.
#pragma once

#include <cmath>
#include <random>
#include <vector>

#include <batchwise/batchwise.h>

namespace batchwise {

struct SineTask {
  Array x, y;
  SineTask() {
    std::mt19937_64 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> xs, ys;
    for (int r = 0; r < 1500; ++r) {
      float sum = 0;
      for (int i = 0; i < 8; ++i) sum += xs.emplace_back(normal(random));
      ys.push_back(std::sin(sum) + 0.1f * normal(random));
    }
    x = Array::from(xs, {1500, 8});
    y = Array::from(ys, {1500, 1});
  }
  Model model() const {
    Model made = Sequential({Input({8}), Dense({.units = 16, .activation = "tanh"}), Dense({.units = 1})});
    made.initialize(5);
    made.compile({.optimizer = Adam({.learning_rate = 1e-3f}), .loss = "mse"});
    return made;
  }
};

}  // namespace batchwise
