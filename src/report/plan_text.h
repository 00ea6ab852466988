// The plan of a run, printed when it is made.
#pragma once

#include <memory>
#include <ostream>

#include <batchwise/callback.h>

namespace batchwise {

// The table, without the picture. `out` must outlive the callback.
std::shared_ptr<Callback> make_plan_text(std::ostream& out);

}  // namespace batchwise
