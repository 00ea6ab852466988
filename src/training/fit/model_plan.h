// The plan of a training that has not begun.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

// As Model::plan; `holds`: with the data held in memory where fit would hold it.
Plan plan_of(const Model& model, const PlanOptions& options, bool holds);

}  // namespace batchwise
