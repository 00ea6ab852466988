// The plan of a run: where every byte lives and what runs when, decided before the first step.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <batchwise/error.h>

namespace batchwise {

enum class ByteClass { Weights, Gradients, Optimizer, Activations, Scratch, Pipeline, Library };
constexpr int kByteClasses = 7;
const char* name_of(ByteClass byte_class);  // "weights", ...

struct ByteCounts {
  int64_t of[kByteClasses] = {};
  int64_t& operator[](ByteClass c) { return of[static_cast<int>(c)]; }
  int64_t operator[](ByteClass c) const { return of[static_cast<int>(c)]; }
  int64_t total() const;
};

// One placed buffer of the arena, for the explanation and the picture.
struct PlannedBuffer {
  std::string name;  // "conv2d_1 output"
  ByteClass byte_class;
  int64_t offset = 0, bytes = 0;      // in its region of one lane, or in the arena for what is kept
  int first_step = 0, last_step = 0;  // steps of the schedule between which it lives
  int copies = 1;                     // lanes or grains that each hold one
};

// What lives at one step of the schedule: the picture of bytes over time.
struct PlannedMoment {
  std::string label;  // "forward conv2d_1"
  ByteCounts live;
};

class Dataset;

struct PlanOptions {
  int64_t batch_size = 32;
  int64_t memory = 0;             // 0: found
  int lanes = 0;                  // 0: one per core
  int64_t grain = 0;              // 0: chosen
  const Dataset* data = nullptr;  // what it will be trained on; null: samples stored as the model reads them
};

struct Plan {
  int64_t batch_size = 0;
  int64_t grain = 0;          // samples that travel together
  int64_t grains = 0;         // per batch
  int64_t blocks = 0;         // per batch
  int64_t gradient_sums = 0;  // gradient-sized buffers held
  int lanes = 0;
  int stages = 1;
  int64_t budget_bytes = 0;
  int64_t peak_bytes = 0;       // == bytes.total()
  int64_t arena_bytes = 0;      // what is reserved: all classes but the library's and the data set's own
  int64_t smallest_budget = 0;  // with any lanes, the same bits
  int64_t roomy_budget = 0;     // from which on all lanes run and nothing is computed again
  ByteCounts bytes;
  std::vector<std::string> recomputed;  // layers whose outputs are computed again on the way back
  double recompute_share = 0;           // extra work over that of one step
  std::string instruction_set;          // "avx512", or "avx512+amx_bf16" with layers in mixed_bfloat16
  std::vector<std::string> reasons;     // why this grain, these blocks, these lanes
  std::vector<PlannedBuffer> buffers;
  std::vector<PlannedMoment> moments;
};

// A request that cannot fit, with the plan that the smallest budget would give: catch it, change the request, ask
// again.
class PlanError : public BudgetError {
 public:
  PlanError(const BudgetError& error, Plan smallest) : BudgetError(error), plan(std::move(smallest)) {}
  Plan plan;  // of `smallest_budget`
};

std::string plan_table(const Plan& plan);               // bytes by class, what holds the peak, what would make it fit
std::string plan_picture(const Plan& plan, int width);  // bytes over the schedule, drawn in characters
std::ostream& operator<<(std::ostream& out, const Plan& plan);

}  // namespace batchwise
