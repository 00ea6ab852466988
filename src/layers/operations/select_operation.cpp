// Select: of several choices the first whose condition holds, else a default.
#include "kernels/relation.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class SelectOperation final : public Operation {
 public:
  SelectOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Lists lists = read(inputs.size(), form);
    Shape whole = inputs[lists.conditions[0]];
    for (const Shape& shape : inputs) {
      require(shape.rank() == whole.rank(), key(), "all tensors must have the same number of axes. Got ", shape, ".");
      whole = repeated_shape(key(), whole, shape);
    }
    if (lists.otherwise.tensor < 0)
      whole = repeated_shape(key(), whole, constant_operand(key(), lists.otherwise.constant, whole.rank()).type.shape);
    return {whole};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Lists lists = read(inputs.size(), lowering.call_form());
    const auto tensor = [&](size_t i) { return as_floats(lowering, inputs[i]); };
    const int rank = lowering.type(inputs[0]).shape.rank();
    Value result;
    for (size_t k = lists.conditions.size(); k-- > 0;) {
      const Value condition = lowering.plain(inputs[lists.conditions[k]]), choice = tensor(lists.choices[k]);
      std::vector<Value> ordered{condition, choice};
      ElementwiseOperand otherwise;
      if (k + 1 == lists.conditions.size() && lists.otherwise.tensor < 0) {
        otherwise = constant_operand(key(), lists.otherwise.constant, rank);
      } else {
        if (k + 1 == lists.conditions.size()) result = tensor(static_cast<size_t>(lists.otherwise.tensor));
        otherwise.type = lowering.type(result);
        ordered.push_back(result);
      }
      result = lowering.add1(
          make_where_kernel(lowering.type(condition), {lowering.type(choice), {}}, otherwise, lowering.grain()),
          ordered);
    }
    return {result};
  }

 private:
  struct Lists {
    std::vector<size_t> conditions, choices;
    Operand otherwise;
  };
  Lists read(size_t tensors, const CallForm& form) const {
    Lists lists;
    lists.otherwise.constant = Config(0);
    for (size_t i = 0; i < tensors; ++i) {
      const std::string role = !form.plain() ? form.role(i) : i < tensors / 2 ? "condlist" : "choicelist";
      if (role.empty() || role == "condlist") lists.conditions.push_back(i);
      else if (role == "1" || role == "choicelist") lists.choices.push_back(i);
      else lists.otherwise.tensor = static_cast<int>(i);
    }
    for (const auto& [name, value] : form.arguments.as_object()) {
      require(name == "2" || name == "default", key(), "conditions and choices must be tensors. Got ",
              value.text().substr(0, 100), ".");
      lists.otherwise.constant = value;
    }
    require(!lists.conditions.empty() && lists.conditions.size() == lists.choices.size(), key(),
            "there must be as many choices as conditions. Got ", lists.choices.size(), " and ", lists.conditions.size(),
            ".");
    return lists;
  }
};

const bool registered = register_operations<SelectOperation>({"ops.numpy.Select"});

}  // namespace
}  // namespace batchwise
