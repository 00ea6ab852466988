// The process besides the plan, from what the system says of it.
#include "training/memory/process_bytes.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include <batchwise/byte_size.h>
#include <batchwise/training.h>

#include "plan/budget.h"

namespace batchwise {
namespace {

constexpr int64_t kSlack = KiB(768);   // stacks of lanes, small allocations while a session is made
constexpr int64_t kStep = KiB(256);    // of what the process has allocated: the same from run to run
constexpr int64_t kFileStep = MiB(1);  // of files mapped into it, code above all, which by chance are a few hundred KiB
constexpr int64_t kLeast = MiB(4);

thread_local const OneMeasure* measure = nullptr;

int64_t up_to(int64_t step, int64_t bytes) { return (bytes + step - 1) / step * step; }

int64_t weight_bytes(const Model& model) {
  int64_t bytes = 0;
  for (const auto& variable : model.weights()) bytes += static_cast<int64_t>(variable->value.capacity()) * 4;
  return bytes;
}

int64_t slot_bytes(const Model& model) {
  int64_t bytes = 0;
  for (const auto& [name, values] : model.optimizer_state().slots)
    bytes += static_cast<int64_t>(values.capacity() * sizeof(float));
  return bytes;
}

ProcessBytes measured(const Model& model, bool training, int64_t data_bytes) {
  malloc_trim(0);  // what planning used and gave back is not needed again
  const ProcessMemory now = process_memory();
  const int64_t own = now.resident - weight_bytes(model) - (training ? slot_bytes(model) : 0) - data_bytes;
  const auto in_steps = [](int64_t bytes) { return up_to(kStep, std::max(bytes, kLeast) + kSlack); };
  const int64_t bytes = in_steps(own);
  return {bytes, in_steps(own + up_to(kFileStep, now.files) - now.files) - bytes};
}

}  // namespace

int64_t model_bytes(const Model& model) { return weight_bytes(model) + slot_bytes(model); }

ProcessBytes process_bytes(const Model& model, bool training, int64_t data_bytes) {
  if (!measure) return measured(model, training, data_bytes);
  return {measure->process_ + (training ? 0 : slot_bytes(model)) + std::max<int64_t>(0, measure->held_ - data_bytes),
          0};
}

OneMeasure::OneMeasure(const Model& model, int64_t data_bytes, int64_t beside)
    : process_(measured(model, true, data_bytes).bytes + beside),
      held_(data_bytes),
      outer_(std::exchange(measure, this)) {}

OneMeasure::~OneMeasure() { measure = outer_; }

bool OneMeasure::alive() { return measure != nullptr; }

}  // namespace batchwise
