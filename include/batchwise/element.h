// Elements of a pipeline from values: arrays, numbers, lists of numbers, and pairs and tuples of them.
#pragma once

#include <concepts>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <batchwise/dataset.h>

namespace batchwise {

namespace element_detail {
template <class T>
concept Tuple = requires {
  typename std::tuple_size<T>::type;
};
template <class T>
concept Numbers = std::ranges::contiguous_range<T> && std::is_arithmetic_v<std::ranges::range_value_t<T>>;
}  // namespace element_detail

// One component per array, number (a scalar) or list of numbers (a vector), in order.
template <class T>
Element element_of(T&& value) {
  using Made = std::remove_cvref_t<T>;
  if constexpr (std::same_as<Made, Element>) {
    return std::forward<T>(value);
  } else if constexpr (std::same_as<Made, Array>) {
    return {std::forward<T>(value)};
  } else if constexpr (std::same_as<Made, Batch>) {
    Element all = value.x;
    all.insert(all.end(), value.y.begin(), value.y.end());
    all.insert(all.end(), value.sample_weight.begin(), value.sample_weight.end());
    return all;
  } else if constexpr (std::is_arithmetic_v<Made>) {
    Array array(dtype_of<Made>(), Shape{});
    *array.data<Made>() = value;
    return {array};
  } else if constexpr (element_detail::Numbers<Made>) {
    using Number = std::ranges::range_value_t<Made>;
    Array array(dtype_of<Number>(), Shape{static_cast<int64_t>(std::ranges::size(value))});
    std::ranges::copy(value, array.data<Number>());
    return {array};
  } else {
    static_assert(element_detail::Tuple<Made>,
                  "an element is an Array, a number, a list of numbers, a Batch, or a pair or tuple of those");
    Element all;
    std::apply(
        [&](const auto&... parts) {
          const auto add = [&](Element part) { all.insert(all.end(), part.begin(), part.end()); };
          (add(element_of(parts)), ...);
        },
        value);
    return all;
  }
}

}  // namespace batchwise
