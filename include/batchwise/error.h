// The one error type of the library and the sentence pattern of its messages: `[where] the rule. Got <value>.`
#pragma once

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace batchwise {

enum class ErrorKind {
  Input,        // wrong use or bad input: all that can be known before the first step
  Budget,       // does not fit the budget: nothing was started
  Run,          // the run failed: a full disk, a loss that is not finite, an exception of a callback
  Interrupted,  // stopped from outside after a checkpoint
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// A request that cannot fit. `smallest_budget` bytes, given as a budget, make the same request succeed.
class BudgetError : public Error {
 public:
  BudgetError(const std::string& message, int64_t budget, int64_t smallest)
      : Error(ErrorKind::Budget, message), budget_bytes(budget), smallest_budget(smallest) {}
  int64_t budget_bytes;
  int64_t smallest_budget;
};

// A loss or weights that are no longer finite: an answer where learning rates are tried, else the end of a run.
class NotFiniteError : public Error {
 public:
  explicit NotFiniteError(const std::string& message) : Error(ErrorKind::Run, message) {}
};

namespace error_detail {
template <class... Parts>
std::string sentence(std::string_view where, const Parts&... parts) {
  std::ostringstream out;
  out << '[' << where << "] ";
  (out << ... << parts);
  return out.str();
}
}  // namespace error_detail

// Throws an Error of kind Input: fail("Dropout", "rate must be in [0, 1). Got ", rate, ".").
template <class... Parts>
[[noreturn]] void fail(std::string_view where, const Parts&... parts) {
  throw Error(ErrorKind::Input, error_detail::sentence(where, parts...));
}

template <class... Parts>
[[noreturn]] void fail_run(std::string_view where, const Parts&... parts) {
  throw Error(ErrorKind::Run, error_detail::sentence(where, parts...));
}

template <class... Parts>
[[noreturn]] void fail_not_finite(std::string_view where, const Parts&... parts) {
  throw NotFiniteError(error_detail::sentence(where, parts...));
}

template <class... Parts>
void require(bool ok, std::string_view where, const Parts&... parts) {
  if (!ok) fail(where, parts...);
}

}  // namespace batchwise
