// The folder of a sweep: sweep.json, and for each cell result.json and, until it is done, checkpoints.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <batchwise/sweep.h>

#include "training/checkpoint/run_lock.h"

namespace batchwise {

class SweepFiles {
 public:
  explicit SweepFiles(std::string directory) : directory_(std::move(directory)) {}  // "": nothing is kept

  bool kept() const { return !directory_.empty(); }
  std::string checkpoints(const SweepCell& cell) const { return kept() ? folder(cell) + "/checkpoints" : ""; }

  // Makes and locks the folder. Where a sweep with the same settings lies there, its results replace those cells; what
  // halving and the budget decide is left open. Throws Error(Input) when another sweep does.
  void open(const SweepOptions& options, std::vector<SweepCell>& cells);
  void write(const SweepCell& cell);  // and removes the checkpoints of one that will not be trained again
  void write(const SweepResult& result);

 private:
  std::string folder(const SweepCell& cell) const { return directory_ + "/cells/" + cell.name; }
  std::string sweep_json() const { return directory_ + "/sweep.json"; }
  void read(SweepCell& cell) const;

  std::string directory_;
  Config settings_;
  std::optional<RunLock> lock_;
};

}  // namespace batchwise
