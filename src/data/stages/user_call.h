// Calls of functions that users give to stages: what they throw says at which sample of which data it was.
#pragma once

#include <exception>
#include <new>
#include <string>

#include <batchwise/error.h>

namespace batchwise {

// The result of `call`. An Error keeps its kind and its words; whatever else is thrown becomes an Error of kind Run,
// with the exception itself nested in it. Memory that runs out is nobody's sample's fault and passes through. `place`
// gives stage and sample, "map, sample 5 of data.npz": it is asked for only then.
template <class Place, class Call>
auto user_call_at(const Place& place, const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (const BudgetError&) { throw; } catch (const Error& error) {
    throw Error(error.kind(), std::string(error.what()) + " In " + place() + ".");
  } catch (const std::bad_alloc&) { throw; } catch (const std::exception& error) {
    std::throw_with_nested(
        Error(ErrorKind::Run, "[" + place() + "] the function must not throw. Got: " + error.what()));
  } catch (...) {
    std::throw_with_nested(
        Error(ErrorKind::Run, "[" + place() + "] the function must not throw. Got what is no std::exception."));
  }
}

inline std::string sample_place(const char* stage, int64_t number, const std::string& where) {
  return std::string(stage) + ", sample " + std::to_string(number) + " of " + where;
}

template <class Where, class Call>
auto user_call(const char* stage, int64_t number, const Where& where, const Call& call) -> decltype(call()) {
  return user_call_at([&] { return sample_place(stage, number, where()); }, call);
}

}  // namespace batchwise
