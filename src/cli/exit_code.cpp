// Exit codes, and errors of one line.
#include "cli/exit_code.h"

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

std::string error_line(const std::string& message) {
  std::string line = "batchwise: ";
  for (char c : message) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return line + "\n";
}

}  // namespace batchwise
