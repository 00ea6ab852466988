// Branches of the same state, compared.
#include <batchwise/branch_probe.h>

#include <algorithm>
#include <cmath>

#include "batch_size/tune/branch.h"
#include "batch_size/tune/critical_batch.h"

namespace batchwise {
namespace {

constexpr const char* kWhere = "branch_probe";
constexpr uint64_t kOrderOfTheRest = 1u << 20;  // of the samples that come after those compared at

void check(const BranchProbeOptions& options) {
  require(!options.batch_sizes.empty(), kWhere, "there must be batch sizes to compare. Got none.");
  for (int64_t size : options.batch_sizes)
    require(size >= 1, kWhere, "batch sizes must be at least 1. Got ", size, ".");
  for (auto size = options.batch_sizes.begin(); size != options.batch_sizes.end(); ++size)
    require(std::find(options.batch_sizes.begin(), size, *size) == size, kWhere,
            "each batch size must be given once. Got ", *size, " twice.");
  require(options.samples >= *std::max_element(options.batch_sizes.begin(), options.batch_sizes.end()), kWhere,
          "every branch must train on at least one batch. Got ", options.samples, " samples.");
  require(options.repeats >= 1, kWhere, "repeats must be at least 1. Got ", options.repeats, ".");
}

class Probe {
 public:
  Probe(const Model& model, const Dataset& data, const BranchProbeOptions& options)
      : model_(model),
        options_(options),
        parts_(options.holdout.empty() ? hold_out(data, options.fit, kWhere) : HeldOut{data, options.holdout}),
        rate_(learning_rate_of(model)),
        factors_(options.learning_rates) {
    if (factors_.empty()) factors_ = {1.0};
  }

  BranchProbeResult run() {
    const double before = loss_of(model_);
    BranchProbeResult result;
    for (int64_t repeat = 0; repeat < options_.repeats; ++repeat) {
      std::vector<Grown> grown;
      for (int64_t batch_size : options_.batch_sizes)
        for (double factor : factors_) {
          Grown next = to_the_samples(repeat, batch_size, factor);
          next.branch.loss_before = before;
          if (!options_.equal_time) next.model.reset();
          grown.push_back(std::move(next));
        }
      if (options_.equal_time) to_the_time(grown, result);
      for (const Grown& each : grown) result.branches.push_back(each.branch);
    }
    result.critical_batch = critical_batch(result.branches);
    return result;
  }

 private:
  struct Grown {
    Branch branch;
    std::optional<Model> model;
  };

  double loss_of(const Model& model) const { return *find_log(measure(model, parts_.holdout, options_.fit), "loss"); }

  LegResult leg(Grown& grown, int64_t samples, uint64_t order) const {
    return train_on(*grown.model, parts_.train,
                    {.batch_size = grown.branch.batch_size,
                     .learning_rate = grown.branch.learning_rate,
                     .samples = samples,
                     .order = order,
                     .fit = options_.fit,
                     .deadline = {}});
  }

  Grown to_the_samples(int64_t repeat, int64_t batch_size, double factor) const {
    Grown grown{{.batch_size = batch_size,
                 .learning_rate = factor * rate_at(model_, rate_, options_.rate_batch_size, batch_size),
                 .repeat = repeat},
                model_.copy()};
    set_learning_rate(*grown.model, grown.branch.learning_rate);
    const LegResult told = leg(grown, options_.samples, static_cast<uint64_t>(repeat));
    grown.branch.samples = told.samples;
    grown.branch.updates = told.updates;
    grown.branch.seconds = told.seconds;
    grown.branch.loss = told.lost ? kLost : loss_of(*grown.model);
    return grown;
  }

  // Which samples a time is worth is known from the speed that each branch has shown, so that what is measured does not
  // depend on a clock that ticks in the middle of a step.
  void to_the_time(std::vector<Grown>& all, BranchProbeResult& result) const {
    double slowest = 0;
    for (const Grown& grown : all) slowest = std::max(slowest, grown.branch.seconds);
    result.equal_seconds = std::max(result.equal_seconds, slowest);
    for (Grown& grown : all) {
      Branch& branch = grown.branch;
      branch.samples_in_time = branch.samples;
      branch.loss_in_time = branch.loss;
      if (std::isfinite(branch.loss) && branch.seconds > 0) {
        const double a_second = static_cast<double>(branch.samples) / branch.seconds;
        const auto batches =
            std::llround((slowest - branch.seconds) * a_second / static_cast<double>(branch.batch_size));
        if (batches > 0) {
          const LegResult rest =
              leg(grown, batches * branch.batch_size, static_cast<uint64_t>(branch.repeat) + kOrderOfTheRest);
          branch.samples_in_time += rest.samples;
          branch.loss_in_time = rest.lost ? kLost : loss_of(*grown.model);
        }
      }
      grown.model.reset();
    }
  }

  const Model& model_;
  const BranchProbeOptions& options_;
  const HeldOut parts_;
  const double rate_;
  std::vector<double> factors_;
};

}  // namespace

BranchProbeResult branch_probe(const Model& model, const Dataset& data, const BranchProbeOptions& options) {
  check(options);
  return Probe(model, data, options).run();
}

}  // namespace batchwise
