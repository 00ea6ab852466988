// The plan of a run, printed.
#include "report/plan_text.h"

#include <batchwise/plan.h>

namespace batchwise {
namespace {

class PlanText final : public Callback {
 public:
  explicit PlanText(std::ostream& out) : out_(out) {}
  void on_plan(const Plan& plan) override { out_ << plan_table(plan) << std::flush; }
  std::string name() const override { return "PlanText"; }

 private:
  std::ostream& out_;
};

}  // namespace

std::shared_ptr<Callback> make_plan_text(std::ostream& out) { return std::make_shared<PlanText>(out); }

}  // namespace batchwise
