// A matrix brought close to the nearest orthogonal one: products of matrices in panels.
#include "training/optimizers/newton_schulz.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/product/product.h"
#include "training/optimizers/norm.h"

namespace batchwise {
namespace {

// A matrix in panels of 16 columns whose rows and columns are filled up with zeros to whole panels, so that it can be
// either factor of a product.
struct Panels {
  float* memory = nullptr;
  int64_t rows = 0, columns = 0;  // multiples of the panel's width
  int64_t floats() const { return rows * columns; }
  float& at(int64_t i, int64_t j) const { return memory[j / kPanel * rows * kPanel + i * kPanel + j % kPanel]; }
};

// c = a * b. `segments`: room for the panels of a.
void product(const Panels& a, const Panels& b, const Panels& c, int64_t* segments) {
  Product call;
  call.rows = a.rows;
  call.columns = b.columns;
  call.a = a.memory;
  call.a_row = kPanel;
  call.a_segments = segments;
  call.segments = a.columns / kPanel;
  call.length = kPanel;
  for (int64_t s = 0; s < call.segments; ++s) segments[s] = s * a.rows * kPanel;
  call.b = b.memory;
  call.b_panel = b.rows * kPanel;
  call.c = c.memory;
  call.c_row = kPanel;
  call.c_panel = c.rows * kPanel;
  call.c_padded = true;
  multiply(call);
}

void transpose(const Panels& from, const Panels& to) {
  for (int64_t j = 0; j < from.columns; ++j)
    for (int64_t i = 0; i < from.rows; ++i) to.at(j, i) = from.at(i, j);
}

// The side that is not longer comes first: the product of the matrix with its transpose is then the smaller one.
struct Sides {
  int64_t shorter, longer;
  bool turned;
  Sides(int64_t rows, int64_t columns)
      : shorter(in_panels(std::min(rows, columns))),
        longer(in_panels(std::max(rows, columns))),
        turned(rows > columns) {}
};

}  // namespace

int64_t newton_schulz_bytes(int64_t rows, int64_t columns) {
  const Sides sides(rows, columns);
  return 4 * (2 * sides.shorter * sides.longer + 2 * sides.shorter * sides.shorter) + 8 * (sides.longer / kPanel);
}

void orthogonalise(const NewtonSchulz& how, float* x, int64_t rows, int64_t columns, void* scratch) {
  const Sides sides(rows, columns);
  const int64_t n = sides.shorter, d = sides.longer;
  float* memory = static_cast<float*>(scratch);
  const Panels matrix{memory, n, d}, turned{memory + n * d, d, n}, moved{turned.memory, n, d};
  const Panels square{memory + 2 * n * d, n, n}, fourth{square.memory + n * n, n, n};
  int64_t* segments = reinterpret_cast<int64_t*>(fourth.memory + n * n);
  const float scale = static_cast<float>(1 / (std::sqrt(sum_of_squares(x, rows * columns)) + 1e-7));
  std::memset(matrix.memory, 0, static_cast<size_t>(matrix.floats()) * 4);
  const auto each = [&](const auto& work) {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) work(x[i * columns + j], sides.turned ? matrix.at(j, i) : matrix.at(i, j));
  };
  each([&](const float& from, float& to) { to = from * scale; });
  const float a = static_cast<float>(how.a), b = static_cast<float>(how.b), c = static_cast<float>(how.c);
  for (int64_t step = 0; step < how.steps; ++step) {
    transpose(matrix, turned);
    product(matrix, turned, square, segments);
    product(square, square, fourth, segments);
    for (int64_t i = 0; i < square.floats(); ++i) square.memory[i] = b * square.memory[i] + c * fourth.memory[i];
    product(square, matrix, moved, segments);  // where the transpose was: it is not needed any more
    for (int64_t i = 0; i < matrix.floats(); ++i) matrix.memory[i] = a * matrix.memory[i] + moved.memory[i];
  }
  each([](float& to, const float& from) { to = from; });
}

}  // namespace batchwise
