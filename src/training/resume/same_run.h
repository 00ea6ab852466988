// What a run must have in common with the checkpoint that it resumes from.
#pragma once

#include <batchwise/config.h>

#include "training/callbacks/observers.h"
#include "training/checkpoint/checkpoint.h"
#include "training/session/session.h"

namespace batchwise {

// Says in the header what check_same_run compares.
void record_run(Config& header, Session& session, const Observers& observers);

// Throws unless the format is known and the checkpoint is of a model with these weights, of this optimizer, these
// losses and metrics, and every state of a callback is of the callback that stands there now. Changes nothing; says
// which states nobody takes. Older checkpoints say less.
void check_same_run(const CheckpointReader& reader, Session& session, const Observers& observers);

}  // namespace batchwise
