// Where the time of a run went, as bars and a table.
#pragma once

#include <string>

#include <batchwise/config.h>

namespace batchwise {

std::string profile_section(const Config& profile);  // the event; nothing where there is none

}  // namespace batchwise
