// Operations on one tensor that are neither functions of single elements nor moves: stop_gradient, cumsum, one_hot,
// multi_hot, zeros_like, ones_like, full_like, imag.
#include <cmath>

#include "kernels/category_encoding.h"
#include "kernels/relation.h"
#include "kernels/running_sum.h"
#include "kernels/stop_gradient.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

void require_null_or_float(const std::string& key, const Config& config) {
  const Config* dtype = config.find("dtype");
  require(!dtype || dtype->is_null() || *dtype == Config("float32"), key, "dtype must be null or float32. Got ",
          dtype ? dtype->text() : "", ".");
}

class StopGradientOperation final : public Operation {
 public:
  StopGradientOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    require(operands(form, inputs.size(), {"variable"})[0].tensor == 0, key(), "the operation takes one tensor. Got ",
            inputs.size(), ".");
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const TensorType& type = lowering.type(inputs[0]);
    return {lowering.add1(make_stop_gradient_kernel(type, lowering.grain()), {inputs[0]})};
  }
};

class CumsumOperation final : public Operation {
 public:
  CumsumOperation(const std::string& key, const Config& config) : Operation(key, config, {"axis"}) {
    const Config* axis = config.find("axis");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample: without one, samples would be mixed. Got ",
            axis ? axis->text() : "none", ".");
    require_null_or_float(key, config);
    axis_ = axis->as_int(key);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    sample_axis(key(), axis_, one(inputs, form).rank());
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, key(), "the tensor must be float32: cast it. Got ", type.dtype, ".");
    return {lowering.add1(make_running_sum_kernel(type, sample_axis(key(), axis_, type.shape.rank()), lowering.grain()),
                          {input})};
  }

 private:
  int64_t axis_ = 0;
};

class HotOperation final : public Operation {
 public:
  HotOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"num_classes", "axis", "sparse"}),
        encoding_(last_word(key) == "OneHot" ? Encoding::OneHot : Encoding::MultiHot),
        width_(config.at("num_classes").as_int(key)) {
    require(width_ > 0, key, "num_classes must be positive. Got ", width_, ".");
    require(config.get("axis", -1) == -1, key, "axis must be -1. Got ", config.get("axis", -1), ".");
    require(!config.get("sparse", false), key, "sparse must be false. Got true.");
    require_null_or_float(key, config);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    if (encoding_ == Encoding::MultiHot) return {encoded_shape(encoding_, shape, width_)};
    std::vector<int64_t> dims(shape.begin(), shape.end());
    dims.push_back(width_);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Value hot =
        lowering.add1(make_category_encoding_kernel(encoding_, type, width_, {}, false, lowering.grain()), {input});
    const Shape wanted = call_shapes({type.shape}, {})[0];
    if (lowering.type(hot).shape == wanted) return {hot};
    return {lowering.add1(make_view_kernel(lowering.type(hot), wanted, lowering.grain()), {hot})};
  }

 private:
  Encoding encoding_;
  int64_t width_;
};

// The same number everywhere.
class LikeOperation final : public Operation {
 public:
  LikeOperation(const std::string& key, const Config& config) : Operation(key, config, {"dtype"}) {
    const Config* dtype = config.find("dtype");
    bool_ = dtype && dtype->is_string() && dtype->as_string() == "bool";
    whole_ = dtype && dtype->is_string() && dtype->as_string() == "int32";
    if (!bool_ && !whole_) require_null_or_float(key, config);
    stated_ = dtype && !dtype->is_null();
  }
  DType output_dtype(DType input) const override {
    if (stated_) return bool_ ? DType::Bool : whole_ ? DType::Int32 : DType::Float32;
    return input == DType::Bool || input == DType::Int32 || input == DType::Int64 ? input : DType::Float32;
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    number(inputs.size(), form);
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    if (output_dtype(type.dtype) == DType::Bool) {
      const bool holds = number(1, lowering.call_form()) != 0;
      const ElementwiseOperand all{{}, {holds ? 1.0f : 0.0f}};
      return {lowering.add1(
          make_relation_kernel(holds ? "logical_or" : "logical_and", {type, {}}, all, lowering.grain()), {input})};
    }
    if (output_dtype(type.dtype) == DType::Int32) {
      const ElementwiseOperand zero{{}, {0.0f}};
      const Value none =
          lowering.add1(make_relation_kernel("logical_and", {type, {}}, zero, lowering.grain()), {input});
      const float all = number(1, lowering.call_form());
      require(all == std::floor(all), key(), "the number must be whole. Got ", all, ".");
      return {whole_with_constant(lowering, "add", none, static_cast<int>(all))};
    }
    const ElementwiseOperand value{{}, {number(1, lowering.call_form())}};
    return {lowering.add1(make_where_kernel(type, value, value, lowering.grain()), {input})};
  }

 private:
  bool bool_ = false, whole_ = false, stated_ = false;

  float number(size_t tensors, const CallForm& form) const {
    const auto found = operands(form, tensors, {"x", "fill_value"});
    require(found[0].tensor == 0 && found[1].tensor < 0, key(), "the operation takes one tensor. Got ", tensors, ".");
    const std::string word = last_word(key());
    if (word != "FullLike") return word == "OnesLike" ? 1 : 0;
    return found[1].given() ? static_cast<float>(found[1].constant.as_number(key())) : 0;
  }
};

const bool registered =
    register_operations<StopGradientOperation>({"ops.core.StopGradient"}) &&
    register_operations<CumsumOperation>({"ops.numpy.Cumsum"},
                                         {Config::object({{"axis", 1}}), Config::object({{"axis", -1}})}) &&
    register_operations<HotOperation>({"ops.nn.OneHot", "ops.nn.MultiHot"}, {Config::object({{"num_classes", 4}})}) &&
    register_operations<LikeOperation>(
        {"ops.numpy.EmptyLike", "ops.numpy.Imag", "ops.numpy.ZerosLike", "ops.numpy.OnesLike", "ops.numpy.FullLike"});

}  // namespace
}  // namespace batchwise
