// Test support: a kernel of a trial called forward and backward over all grains, and held to its contract.
#pragma once

#include "layers/trial_run.h"

namespace batchwise {
namespace trial {

inline void TrialRun::forward(Op& op, int index) {
  const Kernel& kernel = *op.kernel;
  const Statistics statistics = kernel.statistics();
  const KernelMemory memory = kernel.memory();
  std::vector<int64_t> rows;
  std::vector<double> partials(static_cast<size_t>(statistics.forward * grains_), NAN);
  shared_.push_back(buffer("shared", memory.shared));
  saved_.emplace_back();
  GuardedBuffer* scratch = buffer("forward scratch", memory.forward_scratch);
  for (int64_t g = 0; g < grains_; ++g) {
    rows.push_back(rows_of(g));
    saved_.back().push_back(buffer("saved", memory.saved));
  }
  const auto pass = [&](bool measure) {
    for (int64_t g = 0; g < grains_; ++g) {
      std::vector<const void*> ins;
      std::vector<void*> outs;
      for (int v : op.inputs) ins.push_back(values_[v][g]->data());
      for (int v : op.outputs) outs.push_back(values_[v][g]->data());
      if (measure) scratch->poison();
      ForwardCall c{.lane = 0,
                    .rows = rows[g],
                    .address = {options_.seed, options_.first_sample + static_cast<uint64_t>(g * options_.grain)},
                    .inputs = ins,
                    .outputs = outs,
                    .weights = forward_weights_[index],
                    .saved = saved_.back()[g]->data(),
                    .scratch = scratch->data(),
                    .shared = shared_.back()->data(),
                    .statistics = statistics.forward ? partials.data() + g * statistics.forward : nullptr,
                    .added_loss = &added_loss_};
      if (measure) call([&] { kernel.measure_forward(c); });
      const bool shared = options_.training ? kernel.shared_backward_parts() > 0 : kernel.shares();
      const int shares = shared ? options_.shares : 1;
      for (c.share = {0, shares}; !measure && c.share.index < shares; ++c.share.index) {
        scratch->poison();
        call([&] { kernel.forward(c); });
      }
    }
  };
  const auto combine = [&] { call([&] { kernel.combine_forward(partials, rows, shared_.back()->data()); }); };
  if (statistics.forward_first) {
    pass(true);
    combine();
  }
  pass(false);
  if (statistics.forward && !statistics.forward_first) combine();
}

inline void TrialRun::backward(Op& op, int index) {
  const Kernel& kernel = *op.kernel;
  const Statistics statistics = kernel.statistics();
  std::vector<int64_t> rows;
  for (int64_t g = 0; g < grains_; ++g) rows.push_back(rows_of(g));
  std::vector<double> partials(static_cast<size_t>(statistics.backward * grains_), NAN);
  GuardedBuffer* scratch = buffer("backward scratch", kernel.memory().backward_scratch);
  std::vector<Buffers> fresh(op.inputs.size());
  for (size_t i = 0; i < op.inputs.size(); ++i)
    if (lowering_.wants[op.inputs[i]])
      for (int64_t g = 0; g < grains_; ++g)
        fresh[i].push_back(options_.in_place && i == 0 && kernel.needs().in_place
                               ? gradients_[op.outputs[0]][g]
                               : buffer("input gradient", lowering_.types[op.inputs[i]].bytes(options_.grain)));
  std::vector<GuardedBuffer*> weight_gradients(op.weights.size(), nullptr);
  for (size_t w = 0; w < op.weights.size(); ++w)
    if (layer_.weights()[op.weights[w]]->learns())
      weight_gradients[w] = buffer("weight gradient", kept_weights_[index][w]->bytes());

  const auto pass = [&](bool measure) {
    for (int64_t g = 0; g < grains_; ++g) {
      std::vector<const void*> ins, outs;
      std::vector<void*> out_gradients, in_gradients;
      std::vector<float*> w_gradients;
      for (int v : op.inputs) ins.push_back(kernel.needs().backward_inputs ? values_[v][g]->data() : nullptr);
      for (int v : op.outputs) {
        outs.push_back(kernel.needs().backward_outputs ? values_[v][g]->data() : nullptr);
        out_gradients.push_back(gradients_[v].empty() ? nullptr : gradients_[v][g]->data());
      }
      for (const Buffers& b : fresh) in_gradients.push_back(b.empty() ? nullptr : b[g]->data());
      for (size_t w = 0; w < weight_gradients.size(); ++w) {
        GuardedBuffer* b = weight_gradients[w];
        if (b) b->poison();
        if (b && kernel.adds_to_gradient(static_cast<int>(w)))
          std::memset(b->data(), 0, static_cast<size_t>(kept_weights_[index][w]->bytes()));
        w_gradients.push_back(b ? b->as<float>() : nullptr);
      }
      scratch->poison();
      BackwardCall c{.lane = 0,
                     .rows = rows[g],
                     .address = {options_.seed, options_.first_sample + static_cast<uint64_t>(g * options_.grain)},
                     .sample_scale = 1.0f / static_cast<float>(samples_),
                     .inputs = ins,
                     .outputs = outs,
                     .weights = backward_weights_[index],
                     .saved = saved_[index][g]->data(),
                     .scratch = scratch->data(),
                     .shared = shared_[index]->data(),
                     .statistics = statistics.backward ? partials.data() + g * statistics.backward : nullptr,
                     .output_gradients = out_gradients,
                     .input_gradients = in_gradients,
                     .weight_gradients = w_gradients};
      const int parts = kernel.shared_backward_parts();
      if (measure) call([&] { kernel.measure_backward(c); });
      else if (parts == 0 || options_.shares == 1) call([&] { kernel.backward(c); });
      else
        for (c.part = 0; c.part < parts; ++c.part)
          for (c.share = {0, options_.shares}; c.share.index < options_.shares; ++c.share.index) {
            scratch->poison();
            call([&] { kernel.backward(c); });
          }
      if (measure) continue;
      for (size_t w = 0; w < op.weights.size(); ++w) {
        if (!weight_gradients[w]) continue;
        std::vector<double>& sum = weight_gradients_[op.weights[w]];
        std::vector<float> canonical(sum.size());
        if (const WeightLayoutPtr layout = kernel.gradient_layout(static_cast<int>(w)))
          layout->unpack(weight_gradients[w]->as<float>(), canonical.data());
        else std::copy_n(weight_gradients[w]->as<float>(), canonical.size(), canonical.begin());
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += canonical[i];
      }
    }
  };
  if (statistics.backward) {
    pass(true);
    call([&] { kernel.combine_backward(partials, rows, shared_[index]->data()); });
  }
  pass(false);

  for (size_t i = 0; i < op.inputs.size(); ++i) {
    Buffers& sum = gradients_[op.inputs[i]];
    if (fresh[i].empty()) continue;
    if (sum.empty()) {
      sum = fresh[i];
      continue;
    }
    for (int64_t g = 0; g < grains_; ++g)
      for (int64_t e = 0; e < sum[g]->bytes() / 4; ++e) sum[g]->as<float>()[e] += fresh[i][g]->as<float>()[e];
  }
}

}  // namespace trial
}  // namespace batchwise
