// Which way a logged value is better, as far as its name tells.
#include "training/callbacks/better_way.h"

#include <cctype>
#include <map>

namespace batchwise {
namespace {

using Ways = std::map<std::string, Better, std::less<>>;

// Every word that a metric may be called by in logs, unless it was given a name of its own.
Ways known_ways() {
  const auto& registry = Registry<Metric>::instance();
  Ways ways;
  // These become the class that fits the shapes.
  for (const char* word : {"accuracy", "acc"}) ways.emplace(word, Better::Larger);
  for (const char* word : {"loss", "crossentropy", "ce"}) ways.emplace(word, Better::Smaller);
  for (const std::string& word : registry.names_and_aliases()) {
    const auto metric = registry.make(Spec(word, registry.find(word)->examples.front()), "metric");
    const auto* named = dynamic_cast<const NamedMetric*>(metric.get());
    if (!named) continue;
    ways.emplace(word, named->better());
    ways.emplace(named->name(), named->better());
  }
  return ways;
}

std::optional<Better> way_of(std::string_view name) {
  static const Ways ways = known_ways();
  std::optional<Better> way;
  size_t longest = 0;
  for (const auto& [word, better] : ways) {
    const bool ends = name == word || (name.ends_with(word) && name[name.size() - word.size() - 1] == '_');
    if (!ends || word.size() <= longest) continue;
    way = better;
    longest = word.size();
  }
  return way;
}

// "_0" of a metric with several results, "_1" of a name that was taken.
std::string_view without_number(std::string_view name) {
  size_t end = name.size();
  while (end > 0 && std::isdigit(static_cast<unsigned char>(name[end - 1]))) --end;
  return end > 1 && end < name.size() && name[end - 1] == '_' ? name.substr(0, end - 1) : std::string_view();
}

}  // namespace

std::optional<Better> better_way(std::string_view log) {
  for (; !log.empty(); log = without_number(log))
    if (const std::optional<Better> way = way_of(log)) return way;
  return std::nullopt;
}

bool is_better(std::string_view log, double value, double than) {
  const std::optional<Better> way = better_way(log);
  return way && (*way == Better::Larger ? value > than : value < than);
}

}  // namespace batchwise
