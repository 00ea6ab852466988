// Ctrl-C and termination as a flag that fit looks at between steps.
#pragma once

#include <atomic>

namespace batchwise {

// From now on the first SIGINT or SIGTERM sets the flag; the second ends the process at once.
const std::atomic<bool>& catch_interrupts();

}  // namespace batchwise
