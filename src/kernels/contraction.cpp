// The general product of two tensors: letters fall into rows, columns, sums and batches, and one matrix product does
// each batch. What does not lie as the product likes is gathered first.
#include "kernels/contraction.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <batchwise/error.h>

#include "kernels/product/rounded_product.h"

namespace batchwise {
namespace {

// Indices that are walked together: several letters as one.
struct Walk {
  std::vector<int64_t> sizes;
  std::vector<int64_t> steps;  // of the tensor at hand
  int64_t count() const {
    int64_t all = 1;
    for (int64_t size : sizes) all *= size;
    return all;
  }
  // One step that does for all of them, or -1.
  int64_t single_step() const {
    int64_t step = -1, expected = 0;
    for (size_t k = sizes.size(); k-- > 0;) {
      if (sizes[k] == 1) continue;
      if (step >= 0 && steps[k] != expected) return -1;
      if (step < 0) step = steps[k];
      expected = steps[k] * sizes[k];
    }
    return step < 0 ? 1 : step;
  }
  template <class Body>
  void visit(Body body) const {  // body(number, place)
    std::array<int64_t, Shape::kMaxRank * 2> at{};
    const int64_t all = count();
    int64_t place = 0;
    for (int64_t i = 0; i < all; ++i) {
      body(i, place);
      for (size_t k = sizes.size(); k-- > 0;) {
        place += steps[k];
        if (++at[k] < sizes[k]) break;
        place -= at[k] * steps[k];
        at[k] = 0;
      }
    }
  }
};

// A tensor as a matrix: its rows and its columns.
struct Matrix {
  Walk rows, columns;
  int64_t row_step, column_step;
  Matrix(Walk r, Walk c)
      : rows(std::move(r)), columns(std::move(c)), row_step(rows.single_step()), column_step(columns.single_step()) {}
  bool even() const { return row_step >= 0 && column_step >= 0; }
  bool panels() const { return even() && column_step == 1; }
  bool separate() const { return panels() && (row_step != 0 || rows.count() == 1); }  // no two elements share a place
  void gather(const float* from, float* to) const {
    const int64_t width = columns.count();
    rows.visit(
        [&](int64_t i, int64_t r) { columns.visit([&](int64_t j, int64_t c) { to[i * width + j] = from[r + c]; }); });
  }
  void scatter(const float* from, float* to) const {
    const int64_t width = columns.count();
    rows.visit(
        [&](int64_t i, int64_t r) { columns.visit([&](int64_t j, int64_t c) { to[r + c] += from[i * width + j]; }); });
  }
};

struct MatrixProduct {
  Matrix a, b, c;
  int64_t rounding_bytes() const {
    return batchwise::rounding_bytes(a.rows.count(), b.columns.count(), a.columns.count());
  }
};

// c += a * b. Scratch: room for each of the three. Rounding: null, or where a and b are rounded to.
void add_product(const MatrixProduct& matrices, const float* at_a, const float* at_b, float* at_c, float* scratch,
                 void* rounding) {
  const auto& [a, b, c] = matrices;
  const int64_t rows = a.rows.count(), length = a.columns.count(), columns = b.columns.count();
  Product product;
  product.rows = rows;
  product.columns = columns;
  product.length = length;
  product.accumulate = true;
  product.a = at_a;
  product.a_row = a.row_step;
  product.a_step = a.column_step;
  if (!a.even()) {
    a.gather(at_a, scratch);
    product.a = scratch;
    product.a_row = length;
    product.a_step = 1;
    scratch += rows * length;
  }
  product.b = at_b;
  product.b_step = b.row_step;
  if (!b.panels()) {
    b.gather(at_b, scratch);
    product.b = scratch;
    product.b_step = columns;
    scratch += length * columns;
  }
  product.c = at_c;
  product.c_row = c.row_step;
  if (c.separate()) return multiply(product, rounding);
  product.c = scratch;
  product.c_row = columns;
  product.accumulate = false;
  multiply(product, rounding);
  c.scatter(scratch, at_c);
}

// What each letter is for.
struct Roles {
  std::string batch, rows, columns, sums;
  explicit Roles(const Equation& e) {
    for (const char letter : e.result) {
      const bool in_a = e.a.find(letter) != std::string::npos, in_b = e.b.find(letter) != std::string::npos;
      (in_a && in_b ? batch : in_a ? rows : columns).push_back(letter);
    }
    for (const char letter : e.a + e.b)
      if ((e.result + sums).find(letter) == std::string::npos) sums.push_back(letter);
  }
};

class ContractionKernel final : public Kernel {
 public:
  explicit ContractionKernel(const ContractionOptions& options) : options_(options) {}
  std::string_view kind() const override { return "einsum"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelMemory memory() const override {
    const int64_t m = size(roles_.rows), n = size(roles_.columns), k = size(roles_.sums);
    const int64_t bytes = rounding_bytes() + (m * k + k * n + m * n) * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = bytes, .backward_scratch = bytes};
  }
  KernelCost cost() const override {
    const double all = static_cast<double>(options_.grain * size(roles_.rows) * size(roles_.columns)) *
                       static_cast<double>(size(roles_.sums) * size(roles_.batch));
    return {.flops = 2 * all,
            .bytes = 4 * static_cast<double>(options_.grain * (a_type_.shape.count() + to_.shape.count()))};
  }

  void forward(const ForwardCall& call) const override {
    float* c = static_cast<float*>(call.outputs[0]);
    std::fill_n(c, options_.grain * to_.shape.count(), 0.0f);
    each(options_.grain, call.inputs[0], factor(call), c, [&](const float* at_a, const float* at_b, float* at_c) {
      add_product(forward_, at_a, at_b, at_c, unrounded(call.scratch), rounding(call.scratch));
    });
  }

  void backward(const BackwardCall& call) const override {
    float* dc = static_cast<float*>(call.output_gradients[0]);
    const void* b = factor(call);
    float* scratch = unrounded(call.scratch);
    if (float* da = static_cast<float*>(call.input_gradients[0])) {
      std::fill_n(da, options_.grain * a_type_.shape.count(), 0.0f);
      each(call.rows, da, b, dc, [&](const float* at_a, const float* at_b, float* at_c) {
        add_product(to_a_, at_c, at_b, const_cast<float*>(at_a), scratch, rounding(call.scratch));
      });
    }
    if (!options_.constant.empty()) return;
    float* db = options_.b_is_weight ? call.weight_gradients[0] : static_cast<float*>(call.input_gradients[1]);
    if (!db) return;
    std::fill_n(db, (options_.b_is_weight ? 1 : options_.grain) * b_type_.shape.count(), 0.0f);
    each(call.rows, call.inputs[0], db, dc, [&](const float* at_a, const float* at_b, float* at_c) {
      add_product(to_b_, at_a, at_c, const_cast<float*>(at_b), scratch, rounding(call.scratch));
    });
  }

 private:
  struct Tensor {
    const std::string& letters;
    const Shape& shape;
  };

  template <class Call>
  const void* factor(const Call& call) const {
    if (!options_.constant.empty()) return options_.constant.data();
    return options_.b_is_weight ? static_cast<const void*>(call.weights[0]) : call.inputs[1];
  }

  int64_t rounding_bytes() const {
    if (!options_.bfloat16) return 0;
    return std::max({forward_.rounding_bytes(), to_a_.rounding_bytes(), to_b_.rounding_bytes()});
  }
  void* rounding(void* scratch) const { return options_.bfloat16 ? scratch : nullptr; }
  float* unrounded(void* scratch) const { return static_cast<float*>(scratch) + rounding_bytes() / 4; }

  int64_t size(char letter) const {
    for (const Tensor& tensor : {a_, b_})
      if (const size_t axis = tensor.letters.find(letter); axis != std::string::npos)
        if (const int64_t dim = tensor.shape[static_cast<int>(axis)]; dim != 1) return dim;
    return 1;
  }
  int64_t size(const std::string& letters) const {
    int64_t all = 1;
    for (char letter : letters) all *= size(letter);
    return all;
  }
  Walk walk(const Tensor& tensor, const std::string& letters) const {
    Walk walk;
    for (const char letter : letters) {
      int64_t step = 0, own = 1;
      for (int axis = tensor.shape.rank() - 1; axis >= 0; own *= tensor.shape[axis--])
        if (tensor.letters[static_cast<size_t>(axis)] == letter && tensor.shape[axis] != 1) step += own;
      walk.sizes.push_back(size(letter));
      walk.steps.push_back(step);
    }
    return walk;
  }
  Matrix matrix(const Tensor& tensor, const std::string& rows, const std::string& columns) const {
    return {walk(tensor, rows), walk(tensor, columns)};
  }

  // body(a, b, c) at each batch of each sample.
  template <class Body>
  void each(int64_t samples, const void* a, const void* b, float* c, Body body) const {
    const int64_t b_count = options_.b_is_weight || !options_.constant.empty() ? 0 : b_type_.shape.count();
    for (int64_t s = 0; s < samples; ++s) {
      const float* at_a = static_cast<const float*>(a) + s * a_type_.shape.count();
      const float* at_b = static_cast<const float*>(b) + s * b_count;
      float* at_c = c + s * to_.shape.count();
      std::array<int64_t, Shape::kMaxRank> at{};
      const int64_t all = in_c_.count();
      for (int64_t i = 0; i < all; ++i) {
        body(at_a, at_b, at_c);
        for (size_t k = in_c_.sizes.size(); k-- > 0;) {
          at_a += in_a_.steps[k];
          at_b += in_b_.steps[k];
          at_c += in_c_.steps[k];
          if (++at[k] < in_c_.sizes[k]) break;
          at_a -= at[k] * in_a_.steps[k];
          at_b -= at[k] * in_b_.steps[k];
          at_c -= at[k] * in_c_.steps[k];
          at[k] = 0;
        }
      }
    }
  }

  ContractionOptions options_;
  TensorType a_type_{options_.a}, b_type_{options_.b, DType::Float32, 0},
      to_{contraction_shape("einsum", options_.equation, options_.a.shape, options_.b), DType::Float32, 0};
  Tensor a_{options_.equation.a, a_type_.shape}, b_{options_.equation.b, b_type_.shape},
      c_{options_.equation.result, to_.shape};
  Roles roles_{options_.equation};
  Walk in_a_{walk(a_, roles_.batch)}, in_b_{walk(b_, roles_.batch)}, in_c_{walk(c_, roles_.batch)};
  MatrixProduct forward_{matrix(a_, roles_.rows, roles_.sums), matrix(b_, roles_.sums, roles_.columns),
                         matrix(c_, roles_.rows, roles_.columns)};
  MatrixProduct to_a_{matrix(c_, roles_.rows, roles_.columns), matrix(b_, roles_.columns, roles_.sums),
                      matrix(a_, roles_.rows, roles_.sums)};
  MatrixProduct to_b_{matrix(a_, roles_.sums, roles_.rows), matrix(c_, roles_.rows, roles_.columns),
                      matrix(b_, roles_.sums, roles_.columns)};
};

}  // namespace

Shape contraction_shape(std::string_view where, const Equation& equation, const Shape& a, const Shape& b) {
  std::array<int64_t, 256> sizes{};
  const auto note = [&](const std::string& letters, const Shape& shape) {
    require(static_cast<size_t>(shape.rank()) == letters.size(), where, "a tensor must have one axis for each of \"",
            letters, "\". Got ", shape, ".");
    for (int axis = 0; axis < shape.rank(); ++axis) {
      int64_t& size = sizes[static_cast<unsigned char>(letters[static_cast<size_t>(axis)])];
      require(size <= 1 || shape[axis] == size || shape[axis] == 1, where, "the sizes of the axis \"",
              letters[static_cast<size_t>(axis)], "\" must agree. Got ", size, " and ", shape[axis], ".");
      size = std::max(size, shape[axis]);
    }
  };
  note(equation.a, a);
  note(equation.b, b);
  std::vector<int64_t> dims;
  for (size_t i = 0; i < equation.result.size(); ++i) {
    const char letter = equation.result[i];
    const int64_t size = sizes[static_cast<unsigned char>(letter)];
    require(size > 0 && equation.result.find(letter) == i, where, "every axis of the result must be one of \"",
            equation.a, "\" or \"", equation.b, "\", once. Got \"", equation.result, "\".");
    dims.push_back(size);
  }
  return Shape(dims);
}

std::unique_ptr<Kernel> make_contraction_kernel(const ContractionOptions& options) {
  require(options.a.channel_block == 0 && options.a.dtype == DType::Float32, "einsum",
          "tensors must be float32 in plain layout. Got ", options.a.dtype, ".");
  return std::make_unique<ContractionKernel>(options);
}

}  // namespace batchwise
