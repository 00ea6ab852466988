// Exit codes, and errors of one line.
#include "cli/exit_code.h"

#include "cli/printable.h"

namespace batchwise {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Input: return kWrongUse;
    case ErrorKind::Budget: return kDoesNotFit;
    case ErrorKind::Run: return kFailed;
    case ErrorKind::Interrupted: return kInterrupted;
  }
  return kFailed;
}

std::string error_line(const std::string& message) { return "batchwise: " + printable(message) + "\n"; }

}  // namespace batchwise
