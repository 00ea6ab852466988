// What all losses share: the reduction, the name, and how one is made from a Spec.
#include <batchwise/loss.h>

#include <array>
#include <utility>

namespace batchwise {
namespace {
constexpr std::array<std::pair<Reduction, std::string_view>, 5> kReductions{
    {{Reduction::SumOverBatchSize, "sum_over_batch_size"},
     {Reduction::Sum, "sum"},
     {Reduction::MeanWithSampleWeight, "mean_with_sample_weight"},
     {Reduction::Mean, "mean"},
     {Reduction::None, "none"}}};
}  // namespace

Reduction reduction_named(std::string_view name) {
  for (const auto& [reduction, word] : kReductions)
    if (word == name) return reduction;
  fail("loss.reduction",
       "the reduction must be sum_over_batch_size, sum, mean_with_sample_weight, mean or none. Got \"", name, "\".");
}

std::string_view name_of(Reduction reduction) { return kReductions[static_cast<size_t>(reduction)].second; }

Loss::Loss(const Config& config) : name_(config.get("name", "")) {
  const Config* reduction = config.find("reduction");
  if (reduction)
    reduction_ = reduction->is_null() ? Reduction::None : reduction_named(reduction->as_string("loss.reduction"));
}

Config Loss::base_config(std::string_view default_name) const {
  return Config::object(
      {{"name", name_.empty() ? std::string(default_name) : name_}, {"reduction", std::string(name_of(reduction_))}});
}

std::unique_ptr<Loss> make_loss(const Spec& spec) { return Registry<Loss>::instance().make(spec, "loss"); }

}  // namespace batchwise
