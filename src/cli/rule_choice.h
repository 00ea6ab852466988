// The options that say how an optimizer follows the batch size, and how it warms up.
#pragma once

#include <cstdint>
#include <string>

#include <batchwise/config.h>
#include <batchwise/model.h>

#include "cli/arguments.h"

namespace batchwise {

struct RuleChoice {
  std::string rule;          // "auto", "linear", ...; empty: none
  int64_t from = 0;          // the batch size that the optimizer's settings are meant for
  int64_t warm_up = 0;       // samples
  int64_t compiled_for = 0;  // the batch size that the run's start.keras is compiled for

  void declare(Arguments& arguments);
  void check() const;
  Config config() const;
  static RuleChoice from_config(const Config& config);

  // For a new run: the compiled model as it starts.
  void apply(Model& model, int64_t batch_size);
  // For a run that goes on: `model` is as the run was started. Returns what the learning rate of its newest checkpoint,
  // made with `checkpoint_batch` (0: there is none), is multiplied by.
  double apply_at_resume(Model& model, int64_t batch_size, int64_t checkpoint_batch);
};

void check_rule_name(const std::string& option, const std::string& rule);  // throws for one that is unknown
void declare_rule(Arguments& arguments, std::string& rule);

}  // namespace batchwise
