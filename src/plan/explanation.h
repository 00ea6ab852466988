// Parts of a plan's explanation that other texts use too.
#pragma once

#include <cstddef>
#include <vector>

#include <batchwise/plan.h>

namespace batchwise {

// The moment with the most live bytes, the first of equals; -1 when the plan has none.
int peak_moment(const Plan& plan);

// The largest buffers that live at `moment`, each counted with its copies, largest first.
std::vector<PlannedBuffer> largest_buffers(const Plan& plan, int moment, size_t count);

}  // namespace batchwise
