// Operations that find a place in the order of elements: median, quantile, percentile.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/arrangement.h"
#include "kernels/linear_map.h"
#include "kernels/relation.h"
#include "kernels/sorting.h"
#include "kernels/view.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class QuantileOperation final : public Operation {
 public:
  QuantileOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Median" ? std::vector<std::string>{"axis", "keepdims"}
                                             : std::vector<std::string>{"axis", "method", "keepdims"}),
        axes_(key, config),
        method_(config.get("method", "linear")),
        keeps_(config.get("keepdims", false)) {
    require(last_word(key) != "Quantile" || method_ == "linear", key,
            "method must be \"linear\": Keras computes no other, whatever a file says. Got \"", method_, "\".");
    const bool known = method_ == "linear" || method_ == "lower" || method_ == "higher" || method_ == "nearest" ||
                       method_ == "midpoint";
    require(known, key, "method must be \"linear\", \"lower\", \"higher\", \"nearest\" or \"midpoint\". Got \"",
            method_, "\".");
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "q"});
    require(inputs.size() == 1 && found[0].tensor == 0, key(), "the operation takes one tensor. Got ", inputs.size(),
            ".");
    share(form);
    return {axes_.reduced(inputs[0], keeps_)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    const Value sorted = in_order(lowering, input);
    const TensorType ordered = lowering.type(sorted);
    const int64_t count = ordered.shape.back();
    const std::vector<std::pair<int64_t, float>> shares = terms(count, share(lowering.call_form()));
    Shape one = ordered.shape;
    one[-1] = 1;
    LinearMap map = linear_map(one, [&](std::span<const int64_t> place, Terms& to) {
      const int64_t first = element_of(one, place) * count;
      for (const auto& [at, factor] : shares)
        if (factor != 0) to.add(first + at, factor);
    });
    Value value =
        lowering.add1(make_linear_map_kernel("quantile", ordered, std::move(map), lowering.grain()), {sorted});
    value = lowering.add1(make_view_kernel(lowering.type(value), axes_.reduced(type.shape, true), lowering.grain()),
                          {value});
    return {axes_.finish(lowering, undefined_where_nan(lowering, input, value), type.shape, keeps_)};
  }

 private:
  // Which share of the elements lies below.
  double share(const CallForm& form) const {
    if (last_word(key()) == "Median") return 0.5;
    const auto found = operands(form, 1, {"x", "q"});
    const Config stated = found[1].given() ? found[1].constant : Config(0.5);
    require(found[1].tensor < 0 && stated.is_number(), key(), "q must be one number. Got ",
            stated.text().substr(0, 100), ".");
    const float number = static_cast<float>(stated.as_number(key()));
    const double low = static_cast<double>(last_word(key()) == "Percentile" ? number / 100.0f : number);
    require(low >= 0 && low <= 1, key(), "q must lie in the whole. Got ", stated.text(), ".");
    return low;
  }
  // Of `count` elements in order: which ones, and how much of them.
  std::vector<std::pair<int64_t, float>> terms(int64_t count, double share) const {
    const double exact = static_cast<double>(count - 1) * share;
    const auto at = [&](double place) { return std::clamp(static_cast<int64_t>(place), int64_t{0}, count - 1); };
    const int64_t low = at(std::floor(exact)), high = at(std::ceil(exact));
    if (method_ == "lower") return {{low, 1.0f}};
    if (method_ == "higher") return {{high, 1.0f}};
    if (method_ == "nearest") return {{at(std::nearbyint(exact)), 1.0f}};
    if (method_ == "midpoint") return {{low, 0.5f}, {high, 0.5f}};
    const int64_t below = std::max<int64_t>(high - 1, 0), above = std::min(below + 1, count - 1);
    const float fraction = static_cast<float>(static_cast<double>(above) - exact);
    return {{above, 1 - fraction}, {below, fraction}};
  }
  // The elements of the axes, in order along a last one.
  Value in_order(Lowering& lowering, Value input) const {
    const TensorType type = lowering.type(input);
    const std::vector<int> axes = axes_.of(type.shape);
    std::vector<int> order;
    std::vector<int64_t> dims;
    for (int axis = 0; axis < type.shape.rank(); ++axis) {
      if (std::binary_search(axes.begin(), axes.end(), axis)) continue;
      order.push_back(axis);
      dims.push_back(type.shape[axis]);
    }
    dims.push_back(1);
    for (const int axis : axes) dims.back() *= type.shape[axis];
    order.insert(order.end(), axes.begin(), axes.end());
    Arrangement moved(type.shape);
    moved.permute(order);
    Rearrangement elements = moved.elements();
    elements.output = Shape(dims);
    const Value flat =
        lowering.add1(make_rearrange_kernel("transpose", type, std::move(elements), lowering.grain()), {input});
    const TensorType flat_type = lowering.type(flat);
    return lowering.add(
        make_sort_kernel({flat_type, flat_type.shape.rank() - 1, flat_type.shape.back(), false, lowering.grain()}),
        {flat})[0];
  }
  Value undefined_where_nan(Lowering& lowering, Value input, Value value) const {
    const TensorType type = lowering.type(input);
    const Value nan =
        lowering.add1(make_relation_kernel("not_equal", {type, {}}, {type, {}}, lowering.grain()), {input, input});
    const Value any = axes_.along(lowering, "max", as_floats(lowering, nan));
    const ElementwiseOperand undefined{{}, {std::numeric_limits<float>::quiet_NaN()}};
    return lowering.add1(make_where_kernel(lowering.type(any), undefined, {lowering.type(value), {}}, lowering.grain()),
                         {any, value});
  }

  ReducedAxes axes_;
  std::string method_;
  bool keeps_;
};

const bool registered =
    register_operations<QuantileOperation>(
        {"ops.numpy.Median"}, {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, 2}}})}) &&
    register_operations<QuantileOperation>({"ops.numpy.Quantile"},
                                           {Config::object({{"axis", 1}, {"keepdims", true}})}) &&
    register_operations<QuantileOperation>({"ops.numpy.Percentile"},
                                           {Config::object({{"axis", -1}, {"method", "midpoint"}})});

}  // namespace
}  // namespace batchwise
