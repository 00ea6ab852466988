// GetItem: x[key], with whole numbers, slices, new axes and "...".
#include <algorithm>

#include "kernels/arrangement.h"
#include "kernels/view.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

bool is(const Config& item, const char* class_name) {
  const Config* name = item.find("class_name");
  return name && *name == Config(class_name);
}

class GetItemOperation final : public Operation {
 public:
  GetItemOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    require(inputs.size() == 1, key(), "the operation takes one tensor. Got ", inputs.size(), ".");
    return {chosen(inputs[0], form).shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Arrangement elements = chosen(type.shape, lowering.call_form());
    if (elements.contiguous() && elements.shape.count() == type.shape.count())
      return {lowering.add1(make_view_kernel(type, elements.shape, lowering.grain()), {input})};
    return {lowering.add1(make_rearrange_kernel("get_item", type, elements.elements(), lowering.grain()), {input})};
  }

 private:
  Arrangement chosen(const Shape& shape, const CallForm& form) const {
    const auto found = operands(form, 1, {"x", "key"});
    Config::List items;
    if (found[1].constant.is_list()) items = found[1].constant.as_list();
    else if (found[1].given()) items = {found[1].constant};
    // "..." stands for the axes that the other items leave.
    const auto takes_axis = [](const Config& item) { return !item.is_null() && !is(item, "__ellipsis__"); };
    const auto count = static_cast<int>(std::count_if(items.begin(), items.end(), takes_axis));
    require(count <= shape.rank() + 1, key(), "the key must not have more items than the tensor axes. Got ", count,
            " for ", shape, ".");
    Arrangement elements(shape);
    int axis = -1;  // the batch
    for (const Config& item : items) {
      if (is(item, "__ellipsis__")) {
        axis += shape.rank() + 1 - count;
      } else if (item.is_null()) {
        require(axis >= 0, key(), "a new axis must come behind the batch. Got one before.");
        elements.insert(axis++);
      } else if (is(item, "__slice__")) {
        slice(elements, axis, item.at("config"));
        ++axis;
      } else {
        const int64_t place = item.as_int(key());
        require(axis >= 0, key(), "one sample cannot be taken out of the batch. Got ", place, ".");
        const int64_t size = elements.shape[axis];
        require(place >= -size && place < size, key(), "a place must lie within the axis of size ", size, ". Got ",
                place, ".");
        elements.slice(axis, place < 0 ? place + size : place, 1, 1);
        elements.drop(axis);
      }
    }
    return elements;
  }

  // Python's rules for starts and stops beyond the ends.
  void slice(Arrangement& elements, int axis, const Config& item) const {
    const auto at = [&](const char* name) { return item.find(name) && !item.find(name)->is_null(); };
    const int64_t step = item.get("step", 1);
    require(step != 0, key(), "the step of a slice must not be 0. Got 0.");
    if (axis < 0) {
      require(!at("start") && !at("stop") && step == 1, key(), "the batch must be taken whole. Got ", item.text(), ".");
      return;
    }
    const int64_t size = elements.shape[axis], low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    const auto bound = [&](const char* name, int64_t otherwise) {
      if (!at(name)) return otherwise;
      const int64_t value = item.at(name).as_int(key());
      return std::clamp(value < 0 ? value + size : value, low, high);
    };
    const int64_t start = bound("start", step > 0 ? 0 : size - 1), stop = bound("stop", step > 0 ? size : -1);
    const int64_t length = step > 0 ? stop - start : start - stop, stride = step > 0 ? step : -step;
    require(length > 0, key(), "a slice must not be empty. Got ", item.text(), " of size ", size, ".");
    elements.slice(axis, start, step, (length + stride - 1) / stride);
  }
};

const bool registered = register_operations<GetItemOperation>({"ops.numpy.GetItem"});

}  // namespace
}  // namespace batchwise
