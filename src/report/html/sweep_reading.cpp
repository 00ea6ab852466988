// A sweep folder as far as it can be read.
#include "report/html/sweep_reading.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "report/html/lookup.h"

namespace batchwise {
namespace {

EpochReading epoch_reading(const Config& record, double batch_size) {
  const auto whole = [&](const char* key) { return static_cast<int64_t>(number_of(record, key).value_or(0)); };
  EpochReading epoch{.epoch = whole("epoch")};
  epoch.at = RunProgress{.epoch = epoch.epoch - 1,
                         .updates = whole("updates"),
                         .samples = whole("samples"),
                         .seconds = number_of(record, "seconds").value_or(0),
                         .batch_size = static_cast<int64_t>(batch_size)};
  if (const Config* logs = part_of(record, "logs"); logs && logs->is_object())
    for (const auto& [name, value] : logs->as_object())
      if (const auto number = number_of(*logs, name)) epoch.logs.emplace_back(name, *number);
  return epoch;
}

CellReading cell_of(const Config& record) {
  CellReading cell{.name = text_of(record, "name"),
                   .optimizer = text_of(record, "optimizer"),
                   .state = text_of(record, "state"),
                   .why = text_of(record, "why")};
  cell.batch_size = number_of(record, "batch_size").value_or(kUnknownValue);
  cell.learning_rate = number_of(record, "learning_rate").value_or(kUnknownValue);
  for (const Config& epoch : list_of(record, "epochs"))
    cell.epochs.push_back(epoch_reading(epoch, std::isfinite(cell.batch_size) ? cell.batch_size : 0));
  cell.record = record;
  return cell;
}

}  // namespace

std::vector<CellGroup> SweepReading::groups() const {
  std::vector<CellGroup> all;
  for (const CellReading& cell : cells) {
    auto group = std::find_if(all.begin(), all.end(), [&](const CellGroup& g) {
      return g.optimizer == cell.optimizer && g.batch_size == cell.batch_size && g.learning_rate == cell.learning_rate;
    });
    if (group == all.end()) group = all.insert(all.end(), {cell.optimizer, cell.batch_size, cell.learning_rate, {}});
    group->cells.push_back(&cell);
  }
  return all;
}

int64_t SweepReading::count(const std::string& state) const {
  return std::count_if(cells.begin(), cells.end(), [&](const CellReading& cell) { return cell.state == state; });
}

SweepReading read_sweep(const std::string& path) {
  SweepReading sweep;
  sweep.path = path;
  sweep.name = std::filesystem::absolute(path).lexically_normal().filename().string();
  if (sweep.name.empty())
    sweep.name = std::filesystem::absolute(path).lexically_normal().parent_path().filename().string();
  sweep.record = read_record(path + "/sweep.json", sweep.troubles);
  for (const Config& cell : list_of(sweep.record, "cells"))
    if (cell.is_object()) sweep.cells.push_back(cell_of(cell));
  if (sweep.cells.empty()) sweep.troubles.push_back("sweep.json tells of no cell.");
  return sweep;
}

Point interval_at(double x, const Config& row, std::string_view key) {
  const Config* interval = part_of(row, key);
  if (!interval) return {.x = x, .y = kUnknownValue};
  const auto number = [&](const char* part) { return number_of(*interval, part).value_or(kUnknownValue); };
  return {.x = x, .y = number("mean"), .low = number("low"), .high = number("high")};
}

std::string interval_text(const Config& row, std::string_view key, Unit unit) {
  const Point point = interval_at(0, row, key);
  if (std::isnan(point.y)) return "";
  std::string text = show(point.y, unit);
  if (std::isfinite(point.low) && std::isfinite(point.high))
    text += " (" + show(point.low, unit) + " to " + show(point.high, unit) + ")";
  return text;
}

}  // namespace batchwise
