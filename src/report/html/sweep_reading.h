// A sweep folder as far as it can be read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/config.h>

#include "report/html/chart.h"
#include "report/html/run_reading.h"

namespace batchwise {

struct CellReading {
  std::string name, optimizer, state, why;
  double batch_size = 0, learning_rate = 0;
  std::vector<EpochReading> epochs;
  Config record;  // all of it
};

// Cells that differ in their seed alone.
struct CellGroup {
  std::string optimizer;
  double batch_size = 0, learning_rate = 0;
  std::vector<const CellReading*> cells;
};

struct SweepReading {
  std::string path, name;
  Config record;
  std::vector<CellReading> cells;
  std::vector<std::string> troubles;

  std::vector<CellGroup> groups() const;  // in the order of their first cells
  int64_t count(const std::string& state) const;
};

SweepReading read_sweep(const std::string& path);

// {"mean":…,"low":…,"high":…} as a point; y is not a number when it is absent.
Point interval_at(double x, const Config& row, std::string_view key);

std::string interval_text(const Config& row, std::string_view key, Unit unit);  // "0.97 (0.96 to 0.98)", "" when absent

}  // namespace batchwise
