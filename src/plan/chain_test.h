// A chain of convolutions with batch normalisation, as numbers, for tests.
#pragma once

#include <string>
#include <vector>

#include "plan/outline.h"
#include "plan/timetable.h"

namespace batchwise {

// input -> conv -> bn -> relu, `blocks` times, -> loss. Values: 0 input, then three per block.
inline Outline normalised_chain(int blocks) {
  Outline outline;
  outline.training = true;
  outline.fetch_bytes = {0};
  outline.values.push_back({"input", 1024, true, false, -1});
  for (int b = 0; b < blocks; ++b)
    for (const char* kind : {"conv", "bn", "relu"}) {
      OutlineOp op;
      op.name = kind + std::to_string(b);
      op.kind = kind;
      op.inputs = {static_cast<int>(outline.values.size()) - 1};
      op.outputs = {static_cast<int>(outline.values.size())};
      op.needs = {
          .backward_inputs = op.kind != "relu", .backward_outputs = op.kind == "relu", .in_place = op.kind == "relu"};
      if (op.kind == "conv") op.weights = {{b, 512}};
      if (op.kind == "bn") op.statistics = {.forward = 8, .forward_first = true, .backward = 8};
      op.cost.flops = op.kind == "conv" ? 1e6 : 1e3;
      outline.values.push_back({op.name, 4096, false, true, static_cast<int>(outline.ops.size())});
      outline.ops.push_back(op);
    }
  OutlineOp loss;
  loss.name = "loss";
  loss.loss = true;
  loss.inputs = {static_cast<int>(outline.values.size()) - 1};
  loss.gradient_of = loss.inputs[0];
  outline.ops.push_back(loss);
  return outline;
}

inline std::vector<Recompute> keep_all(const Outline& outline) { return same_for_all(outline, Recompute::Never); }

}  // namespace batchwise
