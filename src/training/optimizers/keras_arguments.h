// The arguments that all optimizers take, as they are read from a Config and written from options.
#pragma once

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
double read_epsilon(const Config& config, std::string_view where);

Spec optimizer_spec(const char* class_name, float learning_rate, const Spec& schedule,
                    const CommonOptimizerOptions& common, std::initializer_list<Config::Entry> own);

}  // namespace batchwise
