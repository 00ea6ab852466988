// An image that does not fit the memory of a run.
#pragma once

#include <batchwise/error.h>

namespace batchwise {

// In the middle of a run, which is not begun again. Never left out like a damaged file, by no stage: results would
// depend on memory.
class TooLarge final : public Error {
 public:
  explicit TooLarge(const BudgetError& error) : Error(ErrorKind::Run, error.what()) {}
};

}  // namespace batchwise
