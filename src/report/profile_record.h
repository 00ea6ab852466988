// A profile as JSON: for the report and scripts, and as a trace that browsers draw.
#pragma once

#include <functional>
#include <string_view>

#include <batchwise/config.h>
#include <batchwise/profile.h>

namespace batchwise {

Config profile_event(const Profile& profile);

// The Trace Event Format, which chrome://tracing and ui.perfetto.dev open: one row for each lane. It is long: `write`
// is given one piece after another.
void write_trace(const Profile& profile, const std::function<void(std::string_view piece)>& write);

}  // namespace batchwise
