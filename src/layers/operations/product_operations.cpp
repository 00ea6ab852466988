// Products of two tensors as operations: matmul and einsum.
#include <algorithm>

#include "kernels/contraction.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class ProductOperation : public Operation {
 public:
  using Operation::Operation;
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto order = tensors(form, inputs.size());
    const Shape &a = inputs[order[0]], &b = inputs[order[1]];
    return {contraction_shape(key(), equation(a, b), a, b)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const auto order = tensors(lowering.call_form(), inputs.size());
    const Value a = lowering.plain(inputs[order[0]]), b = lowering.plain(inputs[order[1]]);
    const TensorType left = lowering.type(a), right = lowering.type(b);
    require(right.dtype == DType::Float32, key(), "tensors must be float32: cast them. Got ", right.dtype, ".");
    return {lowering.add1(make_contraction_kernel({.equation = equation(left.shape, right.shape),
                                                   .a = left,
                                                   .b = right.shape,
                                                   .bfloat16 = lowering.bfloat16(),
                                                   .grain = lowering.grain()}),
                          {a, b})};
  }

 protected:
  virtual Equation equation(const Shape& a, const Shape& b) const = 0;

 private:
  std::array<size_t, 2> tensors(const CallForm& form, size_t count) const {
    const auto found = operands(form, count, {"x1", "x2"});
    require(found[0].tensor >= 0 && found[1].tensor >= 0, key(), "the operation takes two tensors. Got ", count, ".");
    return {static_cast<size_t>(found[0].tensor), static_cast<size_t>(found[1].tensor)};
  }
};

class MatmulOperation final : public ProductOperation {
 public:
  MatmulOperation(const std::string& key, const Config& config) : ProductOperation(key, config, {}) {}

 private:
  Equation equation(const Shape& a, const Shape& b) const override {
    require(a.rank() >= 2 && b.rank() == a.rank(), key(),
            "samples must be matrices, or stacks of equally many axes: else samples would be mixed. Got ", a, " and ",
            b, ".");
    std::string stack;
    for (int axis = 0; axis + 2 < a.rank(); ++axis) stack.push_back(static_cast<char>('A' + axis));
    return {stack + "ik", stack + "kj", stack + "ij"};
  }
};

class EinsumOperation final : public ProductOperation {
 public:
  EinsumOperation(const std::string& key, const Config& config) : ProductOperation(key, config, {"subscripts"}) {
    text_ = config.at("subscripts").as_string(key);
    std::erase(text_, ' ');
    const size_t comma = text_.find(','), arrow = text_.find("->");
    const bool two = comma != std::string::npos && arrow != std::string::npos && comma < arrow;
    if (two) whole_ = {text_.substr(0, comma), text_.substr(comma + 1, arrow - comma - 1), text_.substr(arrow + 2)};
    const auto letters = [](const std::string& part) {
      return !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) { return std::isalpha(c); });
    };
    require(two && letters(whole_.a) && letters(whole_.b) && letters(whole_.result), key,
            "subscripts must be of two tensors, with letters alone: \"bij,bjk->bik\". Got \"", text_, "\".");
    const char batch = whole_.result[0];
    require(whole_.a[0] == batch && whole_.b[0] == batch && std::count(text_.begin(), text_.end(), batch) == 3, key,
            "the first axis of the tensors and the result must be the batch. Got \"", text_, "\".");
  }

 private:
  Equation equation(const Shape&, const Shape&) const override {
    return {whole_.a.substr(1), whole_.b.substr(1), whole_.result.substr(1)};
  }
  std::string text_;
  Equation whole_;  // with the batch
};

const bool registered =
    register_operations<MatmulOperation>({"ops.numpy.Matmul"}) &&
    register_operations<EinsumOperation>({"ops.numpy.Einsum"}, {Config::object({{"subscripts", "bij,bkj->bik"}}),
                                                                Config::object({{"subscripts", "bijk,bilk->bjil"}})});

}  // namespace
}  // namespace batchwise
