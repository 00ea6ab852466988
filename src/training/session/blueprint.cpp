// Decides everything about a session before its memory is taken.
#include "training/session/blueprint.h"

#include <algorithm>

#include "kernels/instruction_set.h"
#include "plan/budget.h"
#include "plan/placement.h"
#include "training/execution/execution.h"

namespace batchwise {
namespace {

constexpr int64_t kSlabGrains = 64;
constexpr int64_t kMostOnOneGrain = 16;    // lanes
constexpr double kMeetingSeconds = 10e-6;  // of a step, where they share its only grain
// What a core could compute while it reads a byte of samples that are decoded or made by a stage: a photo of 500 x 375
// becomes 192 KiB of floats in two thirds of a millisecond (bench/input_pipeline), in which products make 70 MFLOP.
constexpr double kReadingFlops = 400;

bool computes_in_bfloat16(const std::shared_ptr<Layer>& layer) {
  const std::vector<Part> parts = layer->parts();
  return layer->dtype_policy() == DTypePolicy::MixedBfloat16 ||
         std::any_of(parts.begin(), parts.end(), [](const Part& part) { return computes_in_bfloat16(part.layer); });
}

}  // namespace

Blueprint::Blueprint(const Model& model, SessionRequest request) : model_(model), request_(std::move(request)) {
  for (size_t i = 0; i < model.inputs().size(); ++i)
    require(model.inputs()[i].shape().known(), "plan", "the input ", model.input_names()[i],
            " leaves a size open, which a plan needs: give data, or the shapes (for_shapes). Got ",
            model.inputs()[i].shape(), ".");
  require(request_.batch_size >= 1 && request_.batch_size <= (int64_t{1} << 40), "fit",
          "batch_size must be a positive number of samples. Got ", request_.batch_size, ".");
  require(request_.lanes >= 0 && request_.lanes <= 4096, "fit", "lanes must be 0 (one per core) to 4096. Got ",
          request_.lanes, ".");
  require(request_.budget >= 0, "fit", "memory must be a size in bytes, or 0 to find it. Got ", request_.budget, ".");
  if (request_.objectives) {
    objectives_.emplace(model, request_.data.empty() ? request_.validation : request_.data);
    objectives_->check_validation(request_.validation);
    objectives_->check_weights(request_.validation);
  }
  no_objectives_.resize(model.outputs().size());
  std::vector<const Program*> programs;
  if (request_.training) {
    const GrainFacts facts = grain_facts(model, request_.batch_size);
    grain_ = request_.grain > 0 ? stated_grain(facts, request_.grain) : choose_grain(facts, request_.least_grains);
    noise_interval_ = batchwise::noise_interval(facts, grain_);
    training_ = lower(model, grain_.samples, true, request_.data);
    programs.push_back(training_->program.get());
  }
  if (request_.inference) {
    const int64_t grain = request_.objectives ? inference_grain(model)
                                              : prediction_grain(model, request_.prediction_samples, most_lanes());
    inference_ = lower(model, grain, false, request_.validation.empty() ? request_.data : request_.validation);
    programs.push_back(inference_->program.get());
  }
  variables_.emplace(model, programs);
  penalties_.emplace(*variables_);
  name_runs();
  library_ =
      request_.library.bytes > 0 ? request_.library : process_bytes(model, request_.training, request_.pipeline_bytes);
  needs_ = needs();
  const int lanes = most_lanes();
  plan_.reasons.push_back(grain_.reason);
  int64_t budget = request_.budget;
  if (budget == 0) {
    const FoundBudget found = find_budget();
    budget = found.bytes;
    plan_.reasons.push_back("budget: " + found.reason);
  }
  plan_.budget_bytes = budget;
  try {
    settle(budget, lanes);
  } catch (const BudgetError& error) {
    plan_.budget_bytes = error.smallest_budget;
    settle(error.smallest_budget, lanes);
    plan_.smallest_budget = error.smallest_budget;
    throw PlanError(error, plan_);
  }
}

void Blueprint::settle(int64_t budget, int lanes) {
  choice_ = choose_memory(needs_, budget, lanes);
  PlannedProgram& main = training_ ? *training_ : *inference_;
  main.timetable = choice_.timetable;
  main.placements = choice_.placements;
  describe();
}

PlannedProgram Blueprint::lower(const Model& model, int64_t grain, bool training, const Dataset& data) {
  PlannedProgram planned;
  planned.program = std::make_unique<Program>(model, grain, training);
  std::vector<int64_t> fetch;
  std::vector<LossNeeds> losses;
  for (size_t i = 0; i < planned.program->inputs().size(); ++i) {
    const ProgramValue& value = planned.program->values()[static_cast<size_t>(planned.program->inputs()[i])];
    fetch.push_back(data.empty() ? 0 : staging_bytes(data.input(static_cast<int>(i)), value.type.dtype, grain));
  }
  const std::vector<Objective>& ends = objectives_ ? objectives_->outputs() : no_objectives_;
  for (size_t o = 0; o < ends.size(); ++o) {
    const ProgramOutput& end = planned.program->outputs()[o];
    OutputFacts facts;
    facts.output = static_cast<int>(o);
    facts.grain = grain;
    facts.training = training;
    facts.fused = fuses(ends[o], end);
    facts.prediction = planned.program->values()[static_cast<size_t>(end.prediction)].type.shape;
    facts.masked = end.mask >= 0 && ends[o].takes_mask();
    if (facts.masked) {
      facts.mask = planned.program->values()[static_cast<size_t>(end.mask)].type.shape;
      objectives_->output_has_mask(o);
    }
    const OutputTask& task = planned.outputs.emplace_back(ends[o], std::move(facts));
    losses.push_back({task.scratch_bytes(data), task.target_bytes(), task.statistics(), task.measures_prediction()});
  }
  planned.outline = planned.program->outline(ends, std::move(fetch), losses);
  // An inference that reads its samples twice keeps none of them: it has no way to give up what it keeps.
  if (training && !data.empty() && (data.source().costly() || data.source().decodes()))
    for (size_t v = 0; v < planned.outline.fetch_bytes.size(); ++v) {
      OutlineValue& value = planned.outline.values[v];
      value.fetch_work = kReadingFlops * static_cast<double>(value.bytes);
    }
  planned.timetable = make_timetable(planned.outline, same_for_all(planned.outline, Recompute::Never));
  planned.placements = place_buffers(planned.outline, planned.timetable, true);
  return planned;
}

void Blueprint::name_runs() {
  sums_shape_.doubles = objectives_ ? objectives_->doubles() : 0;
  std::vector<std::vector<int>> runs_of_variables(variables_->size());
  if (training_) {
    for (const OutlineOp& op : training_->outline.ops) {
      runs_of_ops_.emplace_back();
      for (const OutlineWeight& weight : op.weights) {
        const bool learns = weight.gradient_bytes > 0;
        runs_of_ops_.back().push_back(learns ? static_cast<int>(sums_shape_.floats.size()) : -1);
        if (!learns) continue;
        runs_of_variables[static_cast<size_t>(weight.variable)].push_back(runs_of_ops_.back().back());
        added_runs_.push_back(weight.added);
        sums_shape_.floats.push_back(variables_->stored_count(static_cast<size_t>(weight.variable)));
      }
    }
    name_noise_slots(runs_of_variables);
    update_.emplace(model_, *variables_, *penalties_, std::move(runs_of_variables));
  }
}

void Blueprint::name_noise_slots(const std::vector<std::vector<int>>& runs_of_variables) {
  // Where a mean is not over samples, the parts of a gradient that grains have do not say what samples would.
  if (!request_.noise_scale || (objectives_ && objectives_->by_batch())) return;
  noise_slots_.of_run.assign(sums_shape_.floats.size(), -1);
  noise_slot_of_variable_.assign(variables_->size(), -1);
  for (size_t v = 0; v < runs_of_variables.size(); ++v) {
    // Nor is the gradient of a grain anywhere as a whole where grains add to a sum themselves.
    if (runs_of_variables[v].size() != 1 || added_runs_[static_cast<size_t>(runs_of_variables[v][0])]) continue;
    if (request_.noise_scale_by_layer || noise_slots_.names.empty())
      noise_slots_.names.push_back(request_.noise_scale_by_layer ? variables_->variable(v).path : "all");
    noise_slot_of_variable_[v] = static_cast<int>(noise_slots_.names.size()) - 1;
    noise_slots_.of_run[static_cast<size_t>(runs_of_variables[v][0])] = noise_slot_of_variable_[v];
  }
}

int Blueprint::most_lanes() const {
  const int lanes = request_.lanes > 0 ? request_.lanes : usable_cores();
  if (!inference_ || training_ || request_.prediction_samples <= 0) return lanes;
  // Lanes beyond a prediction's grains share the work of one, and each takes memory of its own for it.
  const int64_t grain = inference_->program->grain(), grains = (request_.prediction_samples + grain - 1) / grain;
  return static_cast<int>(std::min<int64_t>(lanes, std::max(grains, kMostOnOneGrain)));
}

int64_t Blueprint::slab_grains() const {
  if (!objectives_ || !objectives_->by_batch()) return kSlabGrains;
  const int64_t grain = inference_->program->grain();
  return std::max(kSlabGrains, (request_.inference_batch + grain - 1) / grain);
}

int64_t Blueprint::slab() const { return inference_->program->grain() * slab_grains(); }

int64_t Blueprint::prediction_bytes() const {
  if (!inference_ || request_.objectives) return 0;
  int64_t bytes = 0;
  for (const Symbol& output : model_.outputs())
    bytes += aligned(slab() * output.shape().count() * size_of(output.dtype()));
  return bytes;
}

MemoryNeeds Blueprint::needs() const {
  MemoryNeeds needs;
  const PlannedProgram& main = training_ ? *training_ : *inference_;
  needs.training = &main.outline;
  needs.grains = training_ ? grain_.grains : slab_grains();
  needs.blocks = training_ ? grain_.blocks : kSlabBlocks;
  needs.weights = variables_->bytes();
  needs.gradient_sum = GradientSums::Shape::bytes(sums_shape_);
  needs.lane_fixed = Execution::lane_fixed_bytes(*main.program, sums_shape_.doubles);
  needs.shared = Execution::shared_bytes(main.outline);
  needs.statistics = Execution::statistics_bytes(main.outline, main.timetable, noise_slots_, needs.grains);
  if (training_) {
    const bool together = needs.grains == 1 && Execution::shares_grain(*main.program, main.outline, main.timetable);
    if (together) needs.most_lanes = std::min<int64_t>(most_lanes(), kMostOnOneGrain);
    // Lanes on one grain each have units of their own: nothing but what lies between layers passes from one to another.
    if (request_.lanes == 0) needs.sharing_seconds = together ? kMeetingSeconds : sharing_seconds(needs.gradient_sum);
    needs.optimizer = update_->optimizer_bytes();
    needs.accumulator = update_->accumulator_bytes();
    needs.update_lane_bytes = update_->lane_bytes();
  }
  if (training_ && inference_) {
    const GradientSums::Shape doubles{{}, sums_shape_.doubles};
    needs.lane_fixed += Execution::lane_fixed_bytes(*inference_->program, sums_shape_.doubles);
    needs.shared += Execution::shared_bytes(inference_->outline) + kSlabBlocks * GradientSums::Shape::bytes(doubles);
    needs.statistics +=
        Execution::statistics_bytes(inference_->outline, inference_->timetable, no_noise_, slab_grains());
    needs.other_lane_bytes = inference_->placements.lane_bytes;
    needs.other_kept = inference_->placements.kept_bytes * slab_grains();
  }
  needs.shared += prediction_bytes();
  for (size_t v = 0; v < variables_->size(); ++v)
    needs.between_steps = std::max(needs.between_steps, aligned(variables_->canonical_count(v) * 4));
  needs.between_steps = std::max(needs.between_steps, aligned(penalties_->scratch_bytes()));
  const int lanes = static_cast<int>(
      std::min<int64_t>(most_lanes(), std::max(needs.grains, needs.most_lanes)));  // as many as will be chosen, or more
  needs.pipeline = request_.pipeline_bytes + request_.pipeline_ahead;
  if (training_) needs.pipeline += Feed::memory(request_.data, training_->program->grain(), lanes);
  if (inference_)
    needs.pipeline += Feed::memory(request_.validation.empty() ? request_.data : request_.validation,
                                   inference_->program->grain(), lanes);
  needs.spare = request_.pipeline_spare;
  needs.drift = kProcessDrift + library_.rounding;
  needs.margin = request_.promise ? needs.drift : 0;
  needs.library = library_.bytes + request_.callback_bytes;
  if (request_.profile && training_) needs.library += WorkKinds::bytes(training_->outline, lanes);
  return needs;
}

void Blueprint::describe() {
  plan_.batch_size = request_.batch_size;
  plan_.grain = training_ ? grain_.samples : inference_->program->grain();
  plan_.grains = needs_.grains;
  plan_.blocks = needs_.blocks;
  plan_.gradient_sums = training_ ? choice_.sums : 0;
  plan_.lanes = choice_.lanes;
  plan_.stages = static_cast<int>(choice_.timetable.phases.size());
  plan_.bytes = choice_.bytes;
  plan_.peak_bytes = choice_.peak;
  plan_.arena_bytes = choice_.peak - needs_.library - needs_.pipeline;
  plan_.smallest_budget = choice_.smallest_budget;
  plan_.roomy_budget = choice_.roomy_budget;
  const auto& layers = model_.layers();
  plan_.instruction_set = instruction_set(std::any_of(layers.begin(), layers.end(), computes_in_bfloat16));
  if (choice_.timetable.work > 0) plan_.recompute_share = choice_.timetable.repeated_work / choice_.timetable.work;
  for (const Phase& phase : choice_.timetable.phases)
    for (const Task& task : phase.tasks)
      if (task.again &&
          (task.kind == TaskKind::Forward ||
           (task.kind == TaskKind::Fetch && needs_.training->values[static_cast<size_t>(task.op)].fetch_work > 0))) {
        const std::string& name = task.kind == TaskKind::Fetch
                                      ? needs_.training->values[static_cast<size_t>(task.op)].name
                                      : needs_.training->ops[static_cast<size_t>(task.op)].name;
        if (std::find(plan_.recomputed.begin(), plan_.recomputed.end(), name) == plan_.recomputed.end())
          plan_.recomputed.push_back(name);
      }
  // Placements count tasks within a phase, and phases for what is kept; a plan counts the moments of the whole step.
  std::vector<int> first_moment{0};
  for (const Phase& phase : choice_.timetable.phases)
    first_moment.push_back(first_moment.back() + static_cast<int>(phase.tasks.size()));
  for (size_t p = 0; p < choice_.placements.phases.size(); ++p)
    for (PlannedBuffer buffer : choice_.placements.phases[p].buffers) {
      buffer.first_step += first_moment[p];
      buffer.last_step += first_moment[p];
      buffer.copies = choice_.lanes;
      plan_.buffers.push_back(buffer);
    }
  for (PlannedBuffer buffer : choice_.placements.kept) {
    buffer.first_step = first_moment[static_cast<size_t>(buffer.first_step)];
    buffer.last_step = first_moment[static_cast<size_t>(buffer.last_step) + 1] - 1;
    buffer.copies = static_cast<int>(needs_.grains);
    plan_.buffers.push_back(buffer);
  }
  plan_.moments = moments_of(needs_, choice_);
  plan_.reasons.push_back(choice_.by_grain ? "lanes share out grains and take turns at the gradient sums"
                                           : "lanes share out blocks; each block has a gradient sum of its own");
}

}  // namespace batchwise
