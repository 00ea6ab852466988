// What --workers and --loader-batch do to the data that a command trains on.
#pragma once

#include <batchwise/dataset.h>

#include "cli/settings.h"

namespace batchwise {

// At most --workers threads decode images of these at a time.
void bound_readers(const TrainSettings& settings, Dataset& data, Dataset& validation);

// On standard error: which of the two were given and change nothing for this data.
void note_readers_without_effect(const TrainSettings& settings, const Dataset& data);

}  // namespace batchwise
