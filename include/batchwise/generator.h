// Coroutines and ranges as the beginning of a pipeline.
#pragma once

#include <coroutine>
#include <exception>
#include <iterator>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <batchwise/element.h>

namespace batchwise {

// What a coroutine that says co_yield returns: an input range of its values. Runs as far as it is asked for; what it
// throws is thrown to the one who asks.
template <class T>
class Generator {
 public:
  struct promise_type {
    std::optional<T> value;
    std::exception_ptr error;
    Generator get_return_object() { return Generator(std::coroutine_handle<promise_type>::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(T yielded) {
      value.emplace(std::move(yielded));
      return {};
    }
    void return_void() {}
    void unhandled_exception() { error = std::current_exception(); }
  };

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = T;
    Iterator() = default;
    explicit Iterator(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
    T& operator*() const { return *coroutine_.promise().value; }
    Iterator& operator++() {
      coroutine_.resume();
      if (coroutine_.done() && coroutine_.promise().error)
        std::rethrow_exception(std::exchange(coroutine_.promise().error, nullptr));
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& a, std::default_sentinel_t) { return a.coroutine_.done(); }

   private:
    std::coroutine_handle<promise_type> coroutine_;
  };

  Generator(Generator&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Generator& operator=(Generator&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Generator() {
    if (coroutine_) coroutine_.destroy();
  }
  Iterator begin() { return ++Iterator(coroutine_); }  // once
  std::default_sentinel_t end() const { return {}; }

 private:
  explicit Generator(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  std::coroutine_handle<promise_type> coroutine_;
};

// The values of the range that `make` returns, a new one for each pass: samples, or batches of any size, even varying.
// `columns` states shapes and types; without, they are as in the first element.
template <std::invocable Make>
requires std::ranges::input_range<std::invoke_result_t<Make&>> Dataset from_range(Make make,
                                                                                  std::vector<Column> columns = {}) {
  using Range = std::invoke_result_t<Make&>;
  struct Open {
    explicit Open(Range&& made) : range(std::move(made)) {}
    Range range;
    std::optional<std::ranges::iterator_t<Range>> at;
    bool ended = false;  // at its end, or after it threw: a coroutine must not be asked again
  };
  return Dataset::from_generator(
      [make = std::move(make)]() mutable -> Dataset::Next {
        return [open = std::make_shared<Open>(make())](Element& element) {
          if (std::exchange(open->ended, true)) return false;
          if (!open->at) open->at.emplace(std::ranges::begin(open->range));
          else ++*open->at;
          if (*open->at == std::ranges::end(open->range)) return false;
          element = element_of(**open->at);
          open->ended = false;
          return true;
        };
      },
      std::move(columns));
}

}  // namespace batchwise
