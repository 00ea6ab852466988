// The weights of a model inside a session.
#include "training/update/variable_store.h"

#include <cstring>

#include "plan/placement.h"
#include "training/lanes/flushed_denormals.h"

namespace batchwise {

bool same_layout(const WeightLayoutPtr& a, const WeightLayoutPtr& b) {
  if (!a || !b) return !a && !b;
  return a == b || a->same(*b);
}

VariableStore::VariableStore(const Model& model, const std::vector<const Program*>& programs)
    : variables_(model.weights()) {
  const size_t n = variables_.size();
  kept_.resize(n);
  learned_.assign(n, 0);
  std::vector<char> decided(n, 0);
  // A weight is kept as its gradient comes, whether it learns or not: what forward reads may hold it transformed.
  for (const bool learning : {true, false})
    for (const Program* program : programs)
      for (const ProgramOp& op : program->ops())
        for (size_t k = 0; k < op.variables.size(); ++k) {
          const size_t v = static_cast<size_t>(op.variables[k]);
          if (static_cast<bool>(op.learns[k]) != learning) continue;
          const int index = static_cast<int>(k);
          const WeightLayoutPtr layout = op.kernel->gradient_layout(index);
          if (learning) {
            require(!learned_[v] || same_layout(layout, kept_[v].layout), op.layer,
                    "a layer shared between tensors of different shapes must keep its weights in one form on this "
                    "processor. Got two.");
            learned_[v] = 1;
          }
          if (!decided[v]) kept_[v].layout = layout;
          decided[v] = 1;
        }
  for (size_t v = 0; v < n; ++v) {
    kept_[v].bytes = kept_[v].layout ? kept_[v].layout->bytes() : canonical_count(v) * 4;
    bytes_ += aligned(kept_[v].bytes);
  }
  for (size_t p = 0; p < programs.size(); ++p) {
    uses_.emplace_back();
    for (const ProgramOp& op : programs[p]->ops()) {
      Use use;
      for (size_t k = 0; k < op.variables.size(); ++k) {
        const size_t v = static_cast<size_t>(op.variables[k]);
        const int index = static_cast<int>(k);
        use.forward_copy.push_back(find(v, p, op.kernel->forward_layout(index)));
        const bool read_back = programs[p]->training() && op.kernel->backward_reads_weight(index);
        use.backward_copy.push_back(read_back ? find(v, p, op.kernel->backward_layout(index)) : -1);
      }
      uses_.back().push_back(std::move(use));
    }
    op_variables_.emplace_back();
    for (const ProgramOp& op : programs[p]->ops())
      op_variables_.back().insert(op_variables_.back().end(), op.variables.begin(), op.variables.end());
  }
}

int VariableStore::find(size_t variable, size_t program, const WeightLayoutPtr& layout) {
  if (same_layout(layout, kept_[variable].layout)) return -1;
  for (size_t c = 0; c < copies_.size(); ++c)
    if (copies_[c].variable == variable && same_layout(copies_[c].stored.layout, layout)) return static_cast<int>(c);
  const int64_t bytes = layout ? layout->bytes() : canonical_count(variable) * 4;
  copies_.push_back({variable, program, {layout, bytes, nullptr}});
  bytes_ += aligned(bytes);
  return static_cast<int>(copies_.size()) - 1;
}

void VariableStore::place(Arena& arena) {
  for (Stored& stored : kept_) stored.memory = reinterpret_cast<float*>(arena.take(stored.bytes));
  for (Copy& copy : copies_) copy.stored.memory = reinterpret_cast<float*>(arena.take(copy.stored.bytes));
  for (size_t p = 0; p < uses_.size(); ++p) {
    size_t next = 0;
    for (Use& use : uses_[p])
      for (size_t k = 0; k < use.forward_copy.size(); ++k) {
        const size_t v = static_cast<size_t>(op_variables_[p][next++]);
        const auto memory = [&](int copy) {
          return copy < 0 ? kept_[v].memory : copies_[static_cast<size_t>(copy)].stored.memory;
        };
        use.forward.push_back(memory(use.forward_copy[k]));
        use.backward.push_back(memory(use.backward_copy[k]));
      }
  }
}

void VariableStore::take_values() {
  for (size_t v = 0; v < size(); ++v) {
    pack(v, variables_[v]->value.data(), kept_[v].memory);
    std::vector<float>().swap(variables_[v]->value);
  }
  refresh(0, 1, uses_.size());
}

void VariableStore::give_back(Arena& arena) {
  for (size_t v = 0; v < size(); ++v) {
    if (!kept_[v].memory) continue;  // given back before something failed
    variables_[v]->value.resize(static_cast<size_t>(canonical_count(v)));
    unpack(v, kept_[v].memory, variables_[v]->value.data());
    arena.release(kept_[v].memory, kept_[v].bytes);
    kept_[v].memory = nullptr;
  }
}

void VariableStore::unpack(size_t v, const float* stored, float* canonical) const {
  if (const WeightLayout* at = layout(v)) at->unpack(stored, canonical);
  else std::memcpy(canonical, stored, static_cast<size_t>(canonical_count(v)) * 4);
}

void VariableStore::pack(size_t v, const float* canonical, float* stored) const {
  if (const WeightLayout* at = layout(v)) at->pack(canonical, stored);
  else std::memcpy(stored, canonical, static_cast<size_t>(canonical_count(v)) * 4);
}

void VariableStore::refresh(int part, int parts, size_t programs) const {
  const FlushedDenormals flushed;  // as in an update, whoever asks
  for (size_t c = static_cast<size_t>(part); c < copies_.size(); c += static_cast<size_t>(parts)) {
    const Copy& copy = copies_[c];
    if (copy.program >= programs) continue;
    const Stored& kept = kept_[copy.variable];
    if (copy.stored.layout) copy.stored.layout->convert(kept.layout.get(), kept.memory, copy.stored.memory);
    else kept.layout->unpack(kept.memory, copy.stored.memory);
  }
}

int64_t VariableStore::refreshed_bytes(size_t programs) const {
  int64_t bytes = 0;
  for (const Copy& copy : copies_)
    if (copy.program < programs) bytes += kept_[copy.variable].bytes + copy.stored.bytes;
  return bytes;
}

bool VariableStore::has_copies(size_t programs) const {
  for (const Copy& copy : copies_)
    if (copy.program < programs) return true;
  return false;
}

}  // namespace batchwise
