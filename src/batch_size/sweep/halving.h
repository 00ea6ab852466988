// Successive halving: hopeless learning rates and optimizers are stopped early, batch size by batch size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/sweep.h>

namespace batchwise {

// After which epochs rows are stopped, rising and less than `epochs`: so many that one row in `rows` is left.
std::vector<int64_t> halving_epochs(int64_t epochs, size_t rows);

// How many rows the batch size with the most of them has.
size_t rows_of_a_batch_size(const std::vector<SweepCell>& cells);

// Stops the worse half of the rows of every batch size that are open, by the mean over seeds of the metric's best value
// up to that epoch: at the same samples. Rows of different batch sizes are not compared: the smaller batch, which has
// made more updates, would always win. A function of the cells' epochs alone.
void halve(std::vector<SweepCell>& cells, int64_t epoch, const std::string& metric);

}  // namespace batchwise
