// The events of a run, one JSON line each, as they happen.
#pragma once

#include <memory>
#include <ostream>

#include <batchwise/callback.h>
#include <batchwise/config.h>

namespace batchwise {

// Writes an event and flushes. Throws Error(Run) when the stream does not take it.
void write_event(std::ostream& out, const Config& event);

// Writes the plan of a run and, for each epoch, its logs, where it stands and the noise scale when that is known. `out`
// must outlive the callback.
std::shared_ptr<Callback> make_json_lines(std::ostream& out);

}  // namespace batchwise
