// Which way a logged value is better, as far as its name tells.
#pragma once

#include <optional>
#include <string_view>

#include "training/metrics/named_metric.h"

namespace batchwise {

// Losses are better when smaller; of metrics each says it. A name may stand behind that of an output or "val_", and
// have numbers behind it, as in logs: "val_head_f1_score_0". Nothing for names that are no metric's.
std::optional<Better> better_way(std::string_view log);
// Never where the name does not tell.
bool is_better(std::string_view log, double value, double than);

}  // namespace batchwise
