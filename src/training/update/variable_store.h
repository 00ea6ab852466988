// The weights of a model inside a session: in the layout they are updated in, and in the others that kernels read.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <batchwise/model.h>

#include "training/memory/arena.h"
#include "training/program/program.h"

namespace batchwise {

class VariableStore {
 public:
  // One entry per program whose kernels read the weights; the training program (if any) first.
  VariableStore(const Model& model, const std::vector<const Program*>& programs);

  int64_t bytes() const { return bytes_; }  // all layouts
  void place(Arena& arena);

  // Moves the values of the model's variables in (leaving their vectors empty) and back out.
  void take_values();
  void give_back(
      Arena& arena);  // the arena's copies are not used again. Goes on after what was given back before it threw

  size_t size() const { return kept_.size(); }
  const Variable& variable(size_t v) const { return *variables_[v]; }
  float* stored(size_t v) const { return kept_[v].memory; }
  int64_t stored_count(size_t v) const { return kept_[v].bytes / 4; }  // floats, padding included
  int64_t canonical_count(size_t v) const { return variables_[v]->spec.shape.count(); }
  const WeightLayout* layout(size_t v) const { return kept_[v].layout.get(); }
  bool learned(size_t v) const { return learned_[v]; }
  void unpack(size_t v, const float* stored, float* canonical) const;  // any run in the layout of v: slots too
  void pack(size_t v, const float* canonical, float* stored) const;

  // Pointers for op `op` of program `p`, in its weights' order.
  const float* const* forward(size_t p, size_t op) const { return uses_[p][op].forward.data(); }
  const float* const* backward(size_t p, size_t op) const { return uses_[p][op].backward.data(); }
  size_t count(size_t p, size_t op) const { return uses_[p][op].forward.size(); }

  // Brings the copies in other layouts up to date: part `part` of `parts`, for the programs [0, programs).
  void refresh(int part, int parts, size_t programs) const;
  bool has_copies(size_t programs) const;
  int64_t refreshed_bytes(size_t programs) const;  // that refreshing reads and writes

 private:
  struct Stored {
    WeightLayoutPtr layout;
    int64_t bytes = 0;
    float* memory = nullptr;
  };
  struct Copy {
    size_t variable;
    size_t program;
    Stored stored;
  };
  struct Use {
    std::vector<int> forward_copy, backward_copy;
    std::vector<const float*> forward, backward;
  };
  int find(size_t variable, size_t program, const WeightLayoutPtr& layout);  // -1: as kept

  std::vector<std::shared_ptr<Variable>> variables_;
  std::vector<Stored> kept_;
  std::vector<char> learned_;
  std::vector<Copy> copies_;
  std::vector<std::vector<Use>> uses_;
  std::vector<std::vector<int>> op_variables_;
  int64_t bytes_ = 0;
};

bool same_layout(const WeightLayoutPtr& a, const WeightLayoutPtr& b);

}  // namespace batchwise
