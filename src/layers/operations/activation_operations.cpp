// Activations that are called as operations: "ops.nn.Relu".
#include <algorithm>

#include "base/snake_case.h"
#include "kernels/activation.h"
#include "kernels/row_activation.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class ActivationOperation final : public Operation {
 public:
  ActivationOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"negative_slope", "alpha", "approximate", "threshold", "b", "axis"}) {
    const Config* axis = config.find("axis");
    if (axis && axis->is_list())
      for (const Config& item : axis->as_list()) axes_.push_back(item.as_int("axis"));
    else axes_.push_back(config.get("axis", -1));
    const bool several = key == "ops.nn.Softmax" || key == "ops.nn.LogSoftmax";
    require(axes_.size() == 1 || (several && !axes_.empty()), key, "axis must be one axis", several ? " or more" : "",
            ". Got ", axis ? axis->text() : "", ".");
    activation_ = {snake_case(last_word(key)), config};
    for (const char* shared : {"axis", "name", "dtype"}) activation_.config.erase(shared);
    if (last_word(key) == "Gelu" && !config.find("approximate")) activation_.config.set("approximate", true);
    check_activation(activation_, key);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    Shape shape = one(inputs, form);
    if (along_axis()) {
      const int axis = range(shape.rank()).second;
      if (activation_.class_name == "glu") {
        require(axis == shape.rank() - 1 && shape[axis] % 2 == 0, key(),
                "the axis must be the last one, of an even size. Got ", axes_[0], " of ", shape, ".");
        shape[axis] /= 2;
      }
    }
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!is_row_activation(activation_.class_name)) return {lower_activation(lowering, inputs[0], activation_)};
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    const auto [first, last] = range(type.shape.rank());
    return {lowering.add1(make_row_activation_kernel(activation_.class_name, type, lowering.grain(), first, last),
                          {plain})};
  }

 private:
  bool along_axis() const { return is_row_activation(activation_.class_name) || activation_.class_name == "glu"; }

  // The first and the last axis.
  std::pair<int, int> range(int rank) const {
    std::vector<int> sorted;
    for (int64_t axis : axes_) sorted.push_back(sample_axis(key(), axis, rank));
    std::sort(sorted.begin(), sorted.end());
    for (size_t i = 1; i < sorted.size(); ++i)
      require(sorted[i] == sorted[i - 1] + 1, key(), "axes must be neighbours. Got ", Config(axes_).text(), ".");
    return {sorted.front(), sorted.back()};
  }

  Spec activation_;
  std::vector<int64_t> axes_;
};

const bool registered = register_operations<ActivationOperation>(
    {"ops.nn.Relu",       "ops.nn.Relu6",      "ops.nn.Sigmoid",     "ops.nn.SparseSigmoid", "ops.nn.Softplus",
     "ops.nn.Softsign",   "ops.nn.SoftShrink", "ops.nn.SparsePlus",  "ops.nn.Silu",          "ops.nn.Squareplus",
     "ops.nn.LogSigmoid", "ops.nn.LeakyRelu",  "ops.nn.HardSigmoid", "ops.nn.HardSilu",      "ops.nn.Elu",
     "ops.nn.Selu",       "ops.nn.Gelu",       "ops.nn.Celu",        "ops.nn.Glu",           "ops.nn.TanhShrink",
     "ops.nn.HardTanh",   "ops.nn.HardShrink", "ops.nn.Softmax",     "ops.nn.LogSoftmax",    "ops.nn.Sparsemax"});

}  // namespace
}  // namespace batchwise
