// The cells of a sweep.
#include "batch_size/sweep/sweep_grid.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/rules.h>

#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

constexpr const char* kWhere = "sweep";

template <class T>
void require_distinct(const std::vector<T>& values, const char* what) {
  require(std::set<T>(values.begin(), values.end()).size() == values.size(), kWhere, what,
          " must differ from each other. Got one of them twice.");
}

void check(const SweepOptions& options) {
  require(!options.batch_sizes.empty(), kWhere, "there must be batch sizes. Got none.");
  require(!options.seeds.empty(), kWhere, "there must be seeds. Got none.");
  require_distinct(options.batch_sizes, "batch sizes");
  require_distinct(options.learning_rates, "learning rates");
  require_distinct(options.seeds, "seeds");
  for (int64_t size : options.batch_sizes)
    require(size >= 1, kWhere, "batch sizes must be at least 1. Got ", size, ".");
  for (double rate : options.learning_rates)
    require(rate > 0, kWhere, "learning rates must be positive. Got ", rate, ".");
  require(options.samples >= 0 && options.seconds >= 0, kWhere,
          "bounds of samples and seconds must be 0 (none) or more. Got ", options.samples, " and ", options.seconds,
          ".");
  require(!options.target || better_way(options.target->metric), kWhere,
          "the target must be of a loss, or of a metric whose name says which way is better. Got \"",
          options.target ? options.target->metric : "", "\". A name of its own may end in Keras's, as in my_accuracy.");
}

// "adam"; "adam_2" where another one of the same class stands before it.
std::vector<std::string> names_of(const std::vector<Spec>& optimizers) {
  std::vector<std::string> names;
  for (const Spec& spec : optimizers) {
    std::string name(make_optimizer(spec)->class_name());
    for (char& letter : name) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
    const auto same = std::count_if(names.begin(), names.end(), [&](const std::string& other) {
      return other == name || other.starts_with(name + "_");
    });
    names.push_back(same == 0 ? name : name + "_" + std::to_string(same + 1));
  }
  return names;
}

// As few digits as tell it from its neighbours in a name.
std::string short_number(double value) {
  char text[32];
  return std::string(text, std::to_chars(text, text + sizeof text, value, std::chars_format::general, 6).ptr);
}

}  // namespace

SweepGrid sweep_grid(const SweepOptions& options, const Spec& own_optimizer) {
  check(options);
  const std::vector<Spec> optimizers = options.optimizers.empty() ? std::vector{own_optimizer} : options.optimizers;
  const std::vector<std::string> names = names_of(optimizers);
  std::vector<std::optional<double>> rates(options.learning_rates.begin(), options.learning_rates.end());
  if (rates.empty()) rates.push_back(std::nullopt);
  SweepGrid grid;
  for (size_t o = 0; o < optimizers.size(); ++o)
    for (int64_t size : options.batch_sizes)
      for (const auto& rate : rates) {
        Spec spec = optimizers[o];
        if (rate) spec.config.set("learning_rate", *rate);
        spec =
            change_batch_size(spec, {.from = options.batch_sizes.front(), .to = size, .rule = options.rule}).optimizer;
        SweepCell cell;
        cell.optimizer = names[o];
        cell.batch_size = size;
        cell.learning_rate = make_optimizer(spec)->options().learning_rate;
        for (uint64_t seed : options.seeds) {
          cell.seed = seed;
          cell.name = names[o] + "_b" + std::to_string(size) + "_lr" + short_number(cell.learning_rate) + "_seed" +
                      std::to_string(seed);
          grid.cells.push_back(cell);
          grid.points.push_back({options.optimizers.empty() ? std::nullopt : std::optional(o), rate});
        }
      }
  std::set<std::string> cells;
  for (const SweepCell& cell : grid.cells)
    require(cells.insert(cell.name).second, kWhere, "learning rates must differ in six digits. Got ", cell.name,
            " twice.");
  return grid;
}

std::vector<std::pair<size_t, size_t>> rows_of(const std::vector<SweepCell>& cells) {
  std::vector<std::pair<size_t, size_t>> rows;
  const auto same = [](const SweepCell& a, const SweepCell& b) {
    return a.optimizer == b.optimizer && a.batch_size == b.batch_size && a.learning_rate == b.learning_rate;
  };
  for (size_t first = 0; first < cells.size();) {
    size_t end = first + 1;
    while (end < cells.size() && same(cells[first], cells[end])) ++end;
    rows.emplace_back(first, end);
    first = end;
  }
  return rows;
}

}  // namespace batchwise
