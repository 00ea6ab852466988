// When every buffer of a timetable lives, and where it is put.
#include "plan/lifetimes.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "plan/placement.h"

namespace batchwise {
namespace {

enum class Kind { Value, Gradient, Saved, Scratch, Term, WeightGradient };
using Key = std::tuple<Kind, int, int>;  // what; value, op or task; index

struct Buffer {
  Lifetime life;
  std::string name;
  ByteClass byte_class = ByteClass::Activations;
};

const char* verb(TaskKind kind) {
  switch (kind) {
    case TaskKind::Fetch: return "fetch ";
    case TaskKind::MeasureForward: return "measure ";
    case TaskKind::Forward: return "forward ";
    case TaskKind::Loss: return "loss ";
    case TaskKind::MeasureBackward: return "measure back ";
    case TaskKind::Backward: return "backward ";
  }
  return "";
}

// The buffers of one lane in one phase.
class PhaseBuffers {
 public:
  PhaseBuffers(const Outline& outline, const Timetable& timetable, int phase, bool grains_share_sums)
      : outline_(outline),
        timetable_(timetable),
        index_(phase),
        phase_(timetable.phases[static_cast<size_t>(phase)]),
        share_(grains_share_sums) {}

  PhaseSpots place_all(const std::map<Key, int64_t>& kept) {
    for (int t = 0; t < static_cast<int>(phase_.tasks.size()); ++t) use(t, phase_.tasks[static_cast<size_t>(t)]);
    for (int t = 0; t < static_cast<int>(phase_.tasks.size()); ++t)
      share_in_place(t, phase_.tasks[static_cast<size_t>(t)]);
    std::vector<Lifetime> lives;
    std::map<Key, size_t> slots;
    for (auto& [key, buffer] : buffers_)
      if (root(key) == key) {
        slots[key] = lives.size();
        lives.push_back(buffer.life);
      }
    const Placement placement = place(lives);
    PhaseSpots spots;
    spots.region = placement.bytes;
    for (const auto& [key, slot] : slots) {
      const Buffer& buffer = buffers_[key];
      spots.buffers.push_back({buffer.name, buffer.byte_class, placement.offsets[slot], buffer.life.bytes,
                               buffer.life.first, buffer.life.last, 1});
    }
    const auto spot = [&](Kind kind, int a, int b) -> Spot {
      const Key key{kind, a, b};
      if (const int span = kept_span(kind, a); span >= 0) return {kept.at(Key{kind, a, span}), true};
      if (!buffers_.count(key)) return {};
      return {placement.offsets[slots.at(root(key))], false};
    };
    for (int t = 0; t < static_cast<int>(phase_.tasks.size()); ++t)
      spots.tasks.push_back(spots_of(t, phase_.tasks[static_cast<size_t>(t)], spot));
    return spots;
  }

 private:
  template <class Find>
  TaskSpots spots_of(int t, const Task& task, const Find& spot) const {
    TaskSpots spots;
    spots.scratch = spot(Kind::Scratch, t, 0);
    if (task.kind == TaskKind::Fetch) {
      spots.outputs.push_back(spot(Kind::Value, task.op, 0));
      return spots;
    }
    const OutlineOp& op = outline_.ops[static_cast<size_t>(task.op)];
    spots.saved = spot(Kind::Saved, task.op, 0);
    for (int v : op.inputs) spots.inputs.push_back(spot(Kind::Value, v, 0));
    for (int v : op.outputs) spots.outputs.push_back(spot(Kind::Value, v, 0));
    if (task.kind == TaskKind::Loss) {
      if (op.gradient_of >= 0) {
        spots.input_gradients.push_back(spot(Kind::Gradient, op.gradient_of, 0));
        spots.input_terms.push_back(spot(Kind::Term, t, 0));
      }
    } else if (task.kind == TaskKind::Backward || task.kind == TaskKind::MeasureBackward) {
      for (int v : op.outputs) spots.output_gradients.push_back(spot(Kind::Gradient, v, 0));
      for (size_t k = 0; k < op.inputs.size(); ++k) {
        const int v = op.inputs[k];
        spots.input_gradients.push_back(outline_.values[static_cast<size_t>(v)].gradient ? spot(Kind::Gradient, v, 0)
                                                                                         : Spot{});
        spots.input_terms.push_back(spot(Kind::Term, t, static_cast<int>(k)));
      }
      for (size_t k = 0; k < op.weights.size(); ++k)
        spots.weight_gradients.push_back(spot(Kind::WeightGradient, t, static_cast<int>(k)));
    }
    return spots;
  }

  void touch(Kind kind, int a, int b, int t, int64_t bytes, ByteClass byte_class, const std::string& name) {
    auto [it, fresh] = buffers_.try_emplace(Key{kind, a, b});
    Buffer& buffer = it->second;
    if (fresh) buffer = {{bytes, t, t}, name, byte_class};
    buffer.life.last = t;
  }

  // Which of its spans keeps a buffer through this phase; -1: none does.
  int kept_span(Kind kind, int index) const {
    const size_t i = static_cast<size_t>(index);
    if (kind == Kind::Gradient) return timetable_.kept_gradients[i].holds(index_) ? 0 : -1;
    if (kind != Kind::Value && kind != Kind::Saved) return -1;
    const KeptSpans& spans = kind == Kind::Value ? timetable_.kept_values[i] : timetable_.kept_saved[i];
    return spans[0].holds(index_) ? 0 : spans[1].holds(index_) ? 1 : -1;
  }

  void touch_value(int v, int t) {
    if (kept_span(Kind::Value, v) >= 0) return;
    const OutlineValue& value = outline_.values[static_cast<size_t>(v)];
    touch(Kind::Value, v, 0, t, value.bytes, value.input ? ByteClass::Pipeline : ByteClass::Activations, value.name);
  }

  void touch_gradient(int v, int t) {
    const OutlineValue& value = outline_.values[static_cast<size_t>(v)];
    if (!value.gradient || kept_span(Kind::Gradient, v) >= 0) return;
    touch(Kind::Gradient, v, 0, t, value.bytes, ByteClass::Activations, "gradient of " + value.name);
  }

  void touch_saved(int o, int t) {
    const OutlineOp& op = outline_.ops[static_cast<size_t>(o)];
    if (op.memory.saved == 0 || kept_span(Kind::Saved, o) >= 0) return;
    touch(Kind::Saved, o, 0, t, op.memory.saved, ByteClass::Activations, op.name + " saved");
  }

  void touch_scratch(int t, int64_t bytes, ByteClass byte_class, const std::string& name) {
    if (bytes > 0) touch(Kind::Scratch, t, 0, t, bytes, byte_class, name);
  }

  void use(int t, const Task& task) {
    if (task.kind == TaskKind::Fetch) {
      touch_scratch(t, outline_.fetch_bytes[static_cast<size_t>(task.op)], ByteClass::Pipeline, "fetch");
      touch_value(task.op, t);
      return;
    }
    const OutlineOp& op = outline_.ops[static_cast<size_t>(task.op)];
    const bool back = task.kind == TaskKind::Backward || task.kind == TaskKind::MeasureBackward;
    touch_scratch(t, back ? op.memory.backward_scratch : op.memory.forward_scratch, ByteClass::Scratch,
                  verb(task.kind) + op.name + " scratch");
    if (!back || op.needs.backward_inputs)
      for (int v : back ? op.inputs : values_read(op, task.kind)) touch_value(v, t);
    if (task.kind == TaskKind::Forward || (back && op.needs.backward_outputs))
      for (int v : op.outputs) touch_value(v, t);
    if (task.kind == TaskKind::Forward || back) touch_saved(task.op, t);
    if (task.kind == TaskKind::Loss && op.gradient_of >= 0) {
      touch_gradient(op.gradient_of, t);
      if (task.accumulate[0]) touch_term(t, 0, op.gradient_of);
    }
    if (!back) return;
    for (size_t k = 0; k < op.outputs.size(); ++k)
      if (!task.missing[k]) touch_gradient(op.outputs[k], t);
      else
        touch(Kind::Gradient, op.outputs[k], 0, t, outline_.values[static_cast<size_t>(op.outputs[k])].bytes,
              ByteClass::Activations, "zero gradient");
    if (task.kind != TaskKind::Backward) return;
    for (size_t k = 0; k < op.inputs.size(); ++k) {
      touch_gradient(op.inputs[k], t);
      if (task.accumulate[k]) touch_term(t, static_cast<int>(k), op.inputs[k]);
    }
    for (size_t k = 0; k < op.weights.size(); ++k)
      if (share_ && op.weights[k].gradient_bytes > 0 && !op.weights[k].added)
        touch(Kind::WeightGradient, t, static_cast<int>(k), t, op.weights[k].gradient_bytes, ByteClass::Gradients,
              op.name + " gradient of a grain");
  }

  void touch_term(int t, int k, int v) {
    touch(Kind::Term, t, k, t, outline_.values[static_cast<size_t>(v)].bytes, ByteClass::Activations,
          "term of gradient of " + outline_.values[static_cast<size_t>(v)].name);
  }

  Key root(Key key) const {
    for (auto it = same_as_.find(key); it != same_as_.end(); it = same_as_.find(key)) key = it->second;
    return key;
  }

  // Lets `second` be the memory of `first`, when the first is last used at task t and the second first written there.
  void join(const Key& first, const Key& second, int t) {
    const Key a = root(first);
    if (!buffers_.count(a) || !buffers_.count(second) || root(second) != second) return;
    Buffer& one = buffers_[a];
    const Buffer& two = buffers_[second];
    if (one.life.last != t || two.life.first != t || aligned(one.life.bytes) != aligned(two.life.bytes)) return;
    if (one.byte_class == ByteClass::Pipeline) return;
    one.life.last = std::max(one.life.last, two.life.last);
    same_as_[second] = a;
  }

  void share_in_place(int t, const Task& task) {
    if (task.kind != TaskKind::Forward && task.kind != TaskKind::Backward) return;
    const OutlineOp& op = outline_.ops[static_cast<size_t>(task.op)];
    if (!op.needs.in_place || op.inputs.empty() || op.outputs.size() != 1) return;
    // Only the first input shares, and a value that is read twice by one op must not.
    if (std::count(op.inputs.begin(), op.inputs.end(), op.inputs[0]) > 1) return;
    if (task.kind == TaskKind::Forward) join({Kind::Value, op.inputs[0], 0}, {Kind::Value, op.outputs[0], 0}, t);
    else if (!task.accumulate[0]) join({Kind::Gradient, op.outputs[0], 0}, {Kind::Gradient, op.inputs[0], 0}, t);
  }

  const Outline& outline_;
  const Timetable& timetable_;
  const int index_;
  const Phase& phase_;
  const bool share_;
  std::map<Key, Buffer> buffers_;
  std::map<Key, Key> same_as_;
};

// Phases between which every kept buffer lives.
std::map<Key, Lifetime> kept_lifetimes(const Outline& outline, const Timetable& timetable) {
  std::map<Key, Lifetime> lives;
  const auto add = [&](Kind kind, size_t index, int nth, const Span& span, int64_t bytes) {
    if (span) lives[Key{kind, static_cast<int>(index), nth}] = {bytes, span.first, span.last};
  };
  for (size_t v = 0; v < outline.values.size(); ++v) {
    for (int nth : {0, 1})
      add(Kind::Value, v, nth, timetable.kept_values[v][static_cast<size_t>(nth)], outline.values[v].bytes);
    add(Kind::Gradient, v, 0, timetable.kept_gradients[v], outline.values[v].bytes);
  }
  for (size_t o = 0; o < outline.ops.size(); ++o)
    for (int nth : {0, 1})
      add(Kind::Saved, o, nth, timetable.kept_saved[o][static_cast<size_t>(nth)], outline.ops[o].memory.saved);
  return lives;
}

}  // namespace

Placements place_buffers(const Outline& outline, const Timetable& timetable, bool grains_share_sums) {
  Placements placements;
  const std::map<Key, Lifetime> kept = kept_lifetimes(outline, timetable);
  std::vector<Lifetime> lives;
  for (const auto& [key, life] : kept) lives.push_back(life);
  const Placement slice = place(lives);
  placements.kept_bytes = slice.bytes;
  std::map<Key, int64_t> offsets;
  size_t i = 0;
  for (const auto& [key, life] : kept) {
    offsets[key] = slice.offsets[i];
    const auto [kind, index, unused] = key;
    const std::string& name = kind == Kind::Saved ? outline.ops[static_cast<size_t>(index)].name
                                                  : outline.values[static_cast<size_t>(index)].name;
    const char* what = kind == Kind::Gradient ? "gradient of " : kind == Kind::Saved ? "saved of " : "";
    placements.kept.push_back(
        {what + name, ByteClass::Activations, slice.offsets[i], life.bytes, life.first, life.last, 1});
    ++i;
  }
  for (int p = 0; p < static_cast<int>(timetable.phases.size()); ++p) {
    placements.phases.push_back(PhaseBuffers(outline, timetable, p, grains_share_sums).place_all(offsets));
    placements.lane_bytes = std::max(placements.lane_bytes, placements.phases.back().region);
  }
  return placements;
}

}  // namespace batchwise
