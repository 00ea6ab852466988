// The elements of a tensor in another order, step by step.
#include "kernels/arrangement.h"

namespace batchwise {
namespace {

Shape with(const Shape& shape, int axis, int removed, std::initializer_list<int64_t> inserted) {
  std::vector<int64_t> dims(shape.begin(), shape.end());
  dims.erase(dims.begin() + axis, dims.begin() + axis + removed);
  dims.insert(dims.begin() + axis, inserted);
  return Shape(dims);
}

}  // namespace

Arrangement::Arrangement(const Shape& tensor) : shape(tensor), steps(static_cast<size_t>(tensor.rank())) {
  int64_t step = 1;
  for (int axis = tensor.rank() - 1; axis >= 0; --axis) {
    steps[static_cast<size_t>(axis)] = step;
    step *= tensor[axis];
  }
}

void Arrangement::permute(const std::vector<int>& axes) {
  const Arrangement before = *this;
  for (size_t k = 0; k < axes.size(); ++k) {
    shape[static_cast<int>(k)] = before.shape[axes[k]];
    steps[k] = before.steps[static_cast<size_t>(axes[k])];
  }
}

void Arrangement::slice(int axis, int64_t first, int64_t step, int64_t count) {
  int64_t& own = steps[static_cast<size_t>(axis)];
  start += first * own;
  own *= step;
  shape[axis] = count;
}

void Arrangement::drop(int axis) {
  shape = with(shape, axis, 1, {});
  steps.erase(steps.begin() + axis);
}

void Arrangement::insert(int axis) {
  shape = with(shape, axis, 0, {1});
  steps.insert(steps.begin() + axis, 0);
}

void Arrangement::repeat(int axis, int64_t times) {
  shape[axis] = times;
  steps[static_cast<size_t>(axis)] = 0;
}

bool Arrangement::contiguous() const {
  int64_t step = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    if (shape[axis] != 1 && steps[static_cast<size_t>(axis)] != step) return false;
    step *= shape[axis];
  }
  return start == 0;
}

Rearrangement Arrangement::elements() const {
  return rearrangement(shape, [this](std::span<const int64_t> place) {
    int64_t element = start;
    for (size_t axis = 0; axis < place.size(); ++axis) element += place[axis] * steps[axis];
    return element;
  });
}

}  // namespace batchwise
