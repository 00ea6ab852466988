// The noise scale of every weight at the end of a run: printed, and as an event.
#pragma once

#include <string>

#include <batchwise/training.h>

namespace batchwise {

std::string noise_by_layer_text(const History& history);  // "" where it was not measured
Config noise_by_layer_event(const History& history);

}  // namespace batchwise
