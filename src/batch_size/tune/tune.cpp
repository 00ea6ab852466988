// tune: its goals by name, and the whole.
#include <batchwise/tune.h>

#include <batchwise/error.h>

#include "batch_size/tune/tune_run.h"

namespace batchwise {

TuneGoal tune_goal(const std::string& name) {
  for (TuneGoal goal : {TuneGoal::Fastest, TuneGoal::Samples, TuneGoal::Best})
    if (name == name_of(goal)) return goal;
  fail("tune", "the goal must be fastest, samples or best. Got \"", name, "\".");
}

const char* name_of(TuneGoal goal) {
  switch (goal) {
    case TuneGoal::Fastest: return "fastest";
    case TuneGoal::Samples: return "samples";
    case TuneGoal::Best: return "best";
  }
  return "";
}

TuneResult tune(const Model& model, const Dataset& data, const TuneOptions& options) {
  return TuneRun(model, data, options).run();
}

}  // namespace batchwise
