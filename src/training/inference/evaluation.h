// An evaluation: over a stream, and who hears how it goes.
#pragma once

#include <cstdint>

#include "training/callbacks/observers.h"
#include "training/samples/samples.h"
#include "training/session/session.h"

namespace batchwise {

int64_t stream_part(int64_t batch_size);  // samples that inference reads at once from a stream: whole batches
// Session::evaluate over a whole pass of a stream, or its first `samples` samples.
RunningSums evaluate(Session& session, Samples& data, int64_t samples, int64_t batch_size, const SumsSeen& seen);
// Callbacks hear it. Both must outlive what is returned.
SumsSeen told_to(const Observers& observers, const Objectives& objectives, int64_t batch_size);

}  // namespace batchwise
