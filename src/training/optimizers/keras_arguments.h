// The arguments that all optimizers take, as they are read from a Config and written from options.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include <batchwise/config.h>
#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {

// Throws for a key that is neither common to all optimizers nor in `own`.
void require_optimizer_keys(const Config& config, std::string_view where, std::initializer_list<std::string_view> own);

// A number of [0, 1), such as a decay of moments.
double read_decay(const Config& config, const char* key, double otherwise, std::string_view where);
// What updates add: zero would divide the filled-up places of a layout, which are zeros, by zero. So little adds
// nothing to what is no zero, and may still be multiplied by what is left of a decay.
inline float applied_epsilon(double epsilon) { return std::max(static_cast<float>(epsilon), 1e-32f); }
double read_epsilon(const Config& config, std::string_view where);

// Reasons of batch_size_rule() that several optimizers share.
inline constexpr const char* kNoisyScale =
    "whose steps are divided by the size of noisy gradients: it falls with the square root of the batch size";
inline constexpr const char* kNoisySum =
    "which divides by a sum over all updates: fewer updates with less noise make its steps longer by themselves";
inline constexpr const char* kStepsOfOneLength =
    "whose steps have one length: how much of it is signal grows with the square root of the batch size";

Spec optimizer_spec(const char* class_name, float learning_rate, const Spec& schedule,
                    const CommonOptimizerOptions& common, std::initializer_list<Config::Entry> own);

}  // namespace batchwise
