// Random numbers for first values: each is a pure function of (key, element).
#pragma once

#include <cstdint>
#include <span>

#include <batchwise/config.h>

namespace batchwise {

// Key of one weight's values. An initializer's own "seed" argument stands in for the run's.
uint64_t weight_key(const Config& config, uint64_t seed, uint64_t key);

void draw_uniform(uint64_t key, double low, double high, std::span<float> values);
void draw_normal(uint64_t key, double mean, double deviation, std::span<float> values);
// Normal, drawn again where further than two deviations from the mean.
void draw_truncated_normal(uint64_t key, double mean, double deviation, std::span<float> values);

}  // namespace batchwise
