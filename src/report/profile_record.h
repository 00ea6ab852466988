// A profile as JSON: for the report and scripts, and as a trace that browsers draw.
#pragma once

#include <string>

#include <batchwise/config.h>
#include <batchwise/profile.h>

namespace batchwise {

Config profile_event(const Profile& profile);

// The Trace Event Format, which chrome://tracing and ui.perfetto.dev open: one row for each lane.
std::string trace_text(const Profile& profile);

}  // namespace batchwise
