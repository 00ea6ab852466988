// Where the buffers of a session lie: taken from its arena as planned, and given back in the end.
#include <malloc.h>

#include "training/session/session.h"

namespace batchwise {
namespace {

constexpr int64_t kWorthWakingLanes = 1 << 20;  // bytes of a lane's region

}  // namespace

void Session::place() {
  Blueprint& blue = *blueprint_;
  VariableStore& variables = blue.variables();
  // The model's own copies go before the rest of the memory is touched: both at once would be more than was planned.
  variables.place(arena_);
  arena_.populate();
  variables.take_values();
  malloc_trim(0);
  bool took_slots = false;
  try {
    if (Update* update = blue.update()) {
      update->place(variables, arena_);
      update->load(model_.optimizer_state(), variables);
      took_slots = !model_.optimizer_state().slots.empty();
      model_.optimizer_state().slots = {};
      malloc_trim(0);
    }
    const MemoryChoice& choice = blue.choice();
    const int lanes = lanes_->count();
    const int64_t sum_bytes = GradientSums::Shape::bytes(blue.sums_shape());
    const bool training = blue.training().has_value();
    GradientSums::Shape shape = blue.sums_shape();
    std::byte* main_sums = arena_.take(choice.sums * sum_bytes);
    after_state_ = main_sums;
    ExecutionMemory memory;
    const auto fixed = [&](PlannedProgram& planned, const Outline& outline, const Timetable& timetable,
                           const NoiseSlots& noise, int64_t grains) {
      memory = {};
      memory.grains = grains;
      memory.shared = arena_.take(Execution::shared_bytes(outline));
      memory.statistics =
          reinterpret_cast<double*>(arena_.take(Execution::statistics_bytes(outline, timetable, noise, grains)));
      for (int lane = 0; lane < lanes; ++lane)
        memory.lane_fixed.push_back(arena_.take(Execution::lane_fixed_bytes(*planned.program, shape.doubles)));
      return memory;
    };
    ExecutionMemory training_memory, inference_memory;
    if (training)
      training_memory = fixed(*blue.training(), blue.training()->outline, blue.training()->timetable,
                              blue.noise_slots_of(true), blue.grain().grains);
    if (blue.inference())
      inference_memory = fixed(*blue.inference(), blue.inference()->outline, blue.inference()->timetable,
                               blue.noise_slots_of(false), blue.slab_grains());
    if (training) {
      sums_.emplace(shape, choice.sums, choice.by_grain, main_sums);
      if (blue.inference()) {
        const GradientSums::Shape doubles{{}, shape.doubles};
        inference_sums_.emplace(doubles, Blueprint::kSlabBlocks, false,
                                arena_.take(Blueprint::kSlabBlocks * GradientSums::Shape::bytes(doubles)));
      }
    } else {
      inference_sums_.emplace(shape, choice.sums, choice.by_grain, main_sums);
    }
    if (blue.prediction_bytes() > 0)
      for (const Symbol& output : model_.outputs())
        prediction_slabs_.push_back(arena_.take(blue.slab() * output.shape().count() * size_of(output.dtype())));
    transient_ = arena_.take(choice.transient);
    const auto regions = [&](ExecutionMemory& to, const Placements& placements) {
      for (int lane = 0; lane < lanes; ++lane) to.lane_regions.push_back(transient_ + lane * placements.lane_bytes);
      to.kept = transient_ + lanes * placements.lane_bytes;
    };
    if (training) {
      PlannedProgram& planned = *blue.training();
      regions(training_memory, planned.placements);
      training_.emplace(*planned.program, 0, planned.outline, planned.timetable, planned.placements, variables,
                        blue.runs_of_ops(), blue.noise_slots_of(true), blue.objectives(), *feed_, planned.outputs);
      training_->place(std::move(training_memory));
      if (blue.request().profile) training_->time_with(&kinds_.emplace(planned.outline, lanes));
    }
    if (blue.inference()) {
      PlannedProgram& planned = *blue.inference();
      regions(inference_memory, planned.placements);
      inference_.emplace(*planned.program, blue.inference_index(), planned.outline, planned.timetable,
                         planned.placements, variables, std::vector<std::vector<int>>(planned.outline.ops.size()),
                         blue.noise_slots_of(false), blue.objectives(), *inference_feed_, planned.outputs);
      inference_->place(std::move(inference_memory));
    }
    first_touch(training ? blue.training()->placements.lane_bytes : blue.inference()->placements.lane_bytes);
    arena_.populate();
    if (arena_.taken() != arena_.bytes())
      throw std::logic_error("the plan reserved " + std::to_string(arena_.bytes()) + " bytes and " +
                             std::to_string(arena_.taken()) + " are used");
  } catch (...) {
    variables.give_back(arena_);
    if (took_slots) blue.update()->give_back(variables, arena_, model_.optimizer_state());
    finished_ = true;
    throw;
  }
  if (blue.update()) model_.optimizer_state() = {};  // held here now
}

// The system gives memory near the core that touches it first, so each lane touches the region that it will work in.
void Session::first_touch(int64_t lane_bytes) {
  if (lane_bytes < kWorthWakingLanes) return;
  lanes_->run([&](int lane) { arena_.touch(transient_ + lane * lane_bytes, lane_bytes); });
}

Session::~Session() {
  if (!finished_) try {
      finish();
    } catch (...) {
      // Giving back only fails when memory is gone; the destructor may be running because of that.
    }
}

void Session::finish() {
  if (finished_) return;
  // Piece by piece, so that the copies never take more than was planned. Weights first: they matter most.
  arena_.release_from(after_state_);
  blueprint_->variables().give_back(arena_);
  if (Update* update = blueprint_->update()) update->give_back(variables(), arena_, model_.optimizer_state());
  hold_.reset();
  finished_ = true;  // only now: what threw for want of memory is tried again when the session goes
}

}  // namespace batchwise
