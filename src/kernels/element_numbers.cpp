// One loop over the elements of a grain, with one function for each element.
#include "kernels/element_numbers.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <batchwise/error.h>

#include "text/fingerprint.h"

namespace batchwise {
namespace {

template <class In, class Out, class Function>
class Elementwise final : public Kernel {
 public:
  Elementwise(std::string_view kind, const TensorType& type, DType out, int64_t grain, Function function)
      : kind_(kind), type_(type), grain_(grain), function_(std::move(function)) {
    type_.dtype = out;
  }
  std::string_view kind() const override { return kind_; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const In*>(call.inputs[0]);
    auto* y = static_cast<Out*>(call.outputs[0]);
    for (int64_t i = 0; i < grain_ * type_.stored_count(); ++i) y[i] = function_(x[i]);
  }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0])
      std::memset(call.input_gradients[0], 0, static_cast<size_t>(grain_ * type_.stored_count()) * sizeof(In));
  }

 private:
  std::string_view kind_;
  TensorType type_;
  int64_t grain_;
  Function function_;
};

template <class In, class Out, class Function>
std::unique_ptr<Kernel> elementwise(std::string_view kind, const TensorType& type, DType out, int64_t grain,
                                    Function function) {
  return std::make_unique<Elementwise<In, Out, Function>>(kind, type, out, grain, std::move(function));
}

// A kernel that reads int32, or float32 cut to whole numbers, as int64.
template <class Out, class Function>
std::unique_ptr<Kernel> of_integers(std::string_view kind, const TensorType& type, DType out, int64_t grain,
                                    Function function) {
  if (type.dtype == DType::Int32)
    return elementwise<int32_t, Out>(kind, type, out, grain, [function](int32_t x) { return function(int64_t{x}); });
  require(type.dtype == DType::Float32, kind, "the input must be int32 or float32. Got ", type.dtype, ".");
  return elementwise<float, Out>(kind, type, out, grain, [function](float x) {
    const float bounded = std::min(std::max(x, -0x1p62f), 0x1p62f);  // NaN becomes the lower end
    return function(static_cast<int64_t>(bounded));
  });
}

int32_t bin_of(const HashRules& rules, std::string_view text) {
  const bool masks = rules.mask.index() != 0;
  const auto bins = static_cast<uint64_t>(masks ? rules.bins - 1 : rules.bins);
  const uint64_t hash = rules.key ? sip_hash({rules.key->first, rules.key->second}, text) : farm_fingerprint(text);
  return static_cast<int32_t>(hash % bins) + (masks ? 1 : 0);
}

}  // namespace

std::unique_ptr<Kernel> make_token_lookup_kernel(std::shared_ptr<const TokenIndex> index, const TensorType& type,
                                                 int64_t grain) {
  return elementwise<std::string_view, int32_t>(
      "token_lookup", type, DType::Int32, grain,
      [index = std::move(index)](std::string_view x) { return static_cast<int32_t>(index->number(x)); });
}

std::unique_ptr<Kernel> make_integer_lookup_kernel(std::shared_ptr<const IntegerIndex> index, const TensorType& type,
                                                   int64_t grain) {
  return of_integers<int32_t>("integer_lookup", type, DType::Int32, grain,
                              [index = std::move(index)](int64_t x) { return static_cast<int32_t>(index->number(x)); });
}

std::unique_ptr<Kernel> make_hashing_kernel(const HashRules& rules, const TensorType& type, int64_t grain) {
  if (type.dtype == DType::String)
    return elementwise<std::string_view, int32_t>("hashing", type, DType::Int32, grain, [rules](std::string_view x) {
      const auto* mask = std::get_if<std::string>(&rules.mask);
      return mask && x == *mask ? 0 : bin_of(rules, x);
    });
  return of_integers<int32_t>("hashing", type, DType::Int32, grain, [rules](int64_t x) {
    const auto* mask = std::get_if<int64_t>(&rules.mask);
    if (mask && x == *mask) return 0;
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    return bin_of(rules, {digits, static_cast<size_t>(end - digits)});
  });
}

std::unique_ptr<Kernel> make_discretization_kernel(std::vector<float> boundaries, const TensorType& type,
                                                   int64_t grain) {
  return elementwise<float, int32_t>(
      "discretization", type, DType::Int32, grain, [boundaries = std::move(boundaries)](float x) {
        return static_cast<int32_t>(std::upper_bound(boundaries.begin(), boundaries.end(), x) - boundaries.begin());
      });
}

std::unique_ptr<Kernel> make_word_kernel(std::shared_ptr<const std::vector<std::string>> words, std::string otherwise,
                                         const TensorType& type, int64_t grain) {
  auto rest = std::make_shared<const std::string>(std::move(otherwise));
  return of_integers<std::string_view>("words", type, DType::String, grain, [words, rest](int64_t x) {
    const bool known = x >= 0 && x < static_cast<int64_t>(words->size());
    return std::string_view(known ? (*words)[static_cast<size_t>(x)] : *rest);
  });
}

std::unique_ptr<Kernel> make_value_kernel(std::vector<int64_t> values, int64_t otherwise, const TensorType& type,
                                          int64_t grain) {
  return of_integers<int32_t>("values", type, DType::Int32, grain, [values = std::move(values), otherwise](int64_t x) {
    const bool known = x >= 0 && x < static_cast<int64_t>(values.size());
    return static_cast<int32_t>(known ? values[static_cast<size_t>(x)] : otherwise);
  });
}

}  // namespace batchwise
