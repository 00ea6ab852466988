// What the program tells its caller: exit codes, and errors of one line.
#pragma once

#include <string>

#include <batchwise/error.h>

namespace batchwise {

constexpr int kDone = 0;
constexpr int kFailed = 1;         // the run failed
constexpr int kWrongUse = 2;       // all that can be known before the first step
constexpr int kDoesNotFit = 3;     // the budget; nothing was started or written
constexpr int kInterrupted = 130;  // after a checkpoint

int exit_code(ErrorKind kind);

// "batchwise: <message>\n", on one line whatever the message holds.
std::string error_line(const std::string& message);

}  // namespace batchwise
