// What a run must have in common with the checkpoint that it resumes from.
#include "training/resume/same_run.h"

#include <batchwise/error.h>

namespace batchwise {
namespace {

constexpr int kFormat = 1;
const char* kWhere = "resume";

using Names = std::vector<std::string>;

Names weights_of(const Session& session) {
  Names names;
  for (size_t v = 0; v < session.variables().size(); ++v) names.push_back(session.variables().variable(v).path);
  return names;
}

Names optimizer_of(Session& session) {
  Names names;
  for (const Update::Tensor& tensor : session.update().tensors())
    names.push_back(session.variables().variable(tensor.variable).path + "/" + tensor.name);
  return names;
}

Names losses_of(const Session& session) {
  Names names;
  for (const Objective& output : session.objectives().outputs())
    names.emplace_back(output.loss ? output.loss->class_name() : "none");
  return names;
}

Names logs_of(const Session& session) {
  Names names;
  for (const auto& [name, unused] : session.objectives().logs(session.objectives().empty_sums())) names.push_back(name);
  return names;
}

Names callbacks_of(const Observers& observers) {
  Names names;
  for (const auto& callback : observers.all()) names.push_back(callback->name());
  return names;
}

Config listed(const Names& names) {
  Config::List list;
  for (const std::string& name : names) list.emplace_back(name);
  return list;
}

// Nothing where the checkpoint does not say.
std::optional<Names> stated(const Config& header, std::string_view key) {
  const Config* list = header.find(key);
  if (!list) return std::nullopt;
  Names names;
  for (const Config& item : list->as_list(key)) names.push_back(item.as_string(key));
  return names;
}

std::string joined(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

void check_names(const Config& header, const char* key, const char* what, const Names& now) {
  const std::optional<Names> then = stated(header, key);
  require(!then || *then == now, kWhere, "the model must be compiled with the run's ", what, ": ",
          then ? joined(*then) : "", ". Got ", joined(now), ".");
}

// The tensors `kind`/0, `kind`/1, ... and no others. `count_of(i)`: the values of one now.
template <class CountOf>
void check_tensors(const CheckpointReader& reader, const char* kind, const char* key, const char* what,
                   const Names& now, const CountOf& count_of) {
  const auto name_of = [&](size_t i) { return std::string(kind) + "/" + std::to_string(i); };
  size_t there = 0;
  while (reader.has(name_of(there))) ++there;
  require(there == now.size(), kWhere, "there must be as many variables ", what, " as in the run, ", there, ". Got ",
          now.size(), ".");
  const std::optional<Names> then = stated(reader.header(), key);
  for (size_t i = 0; i < now.size(); ++i) {
    const std::string& name = then && i < then->size() ? (*then)[i] : now[i];
    const int64_t count = reader.tensor_values(name_of(i));
    require(name == now[i] && count == count_of(i), kWhere, "variable ", i, " ", what, " must be the run's, ", name,
            " of ", count, " values. Got ", now[i], " of ", count_of(i), ".");
  }
}

// States are kept by position. A callback without one may come, go, or stand elsewhere; the last ones may go with
// theirs.
void check_callbacks(const CheckpointReader& reader, const Observers& observers) {
  const Names then = stated(reader.header(), "callbacks").value_or(Names{}), now = callbacks_of(observers);
  for (size_t c = 0; c < then.size(); ++c) {
    if (!reader.has("callback/" + std::to_string(c))) continue;
    if (c >= now.size()) {
      observers.message("[resume] the checkpoint keeps the state of " + then[c] +
                        ", which is no longer among the callbacks: it is left out.");
      continue;
    }
    require(now[c] == then[c], kWhere, "callback ", c, " must be the run's ", then[c],
            ", whose state the checkpoint keeps. Got ", now[c],
            ". Give the callbacks in the run's order, new ones behind them.");
  }
}

}  // namespace

void record_run(Config& header, Session& session, const Observers& observers) {
  header.set("format", kFormat);
  header.set("weights", listed(weights_of(session)));
  header.set("optimizer", std::string(session.update().optimizer().class_name()));
  header.set("optimizer_variables", listed(optimizer_of(session)));
  header.set("losses", listed(losses_of(session)));
  header.set("logs", listed(logs_of(session)));
  header.set("callbacks", listed(callbacks_of(observers)));
}

void check_same_run(const CheckpointReader& reader, Session& session, const Observers& observers) {
  const Config& header = reader.header();
  const int64_t format = header.at("format").as_int();
  require(format == kFormat, kWhere, "the checkpoint must be of format ", kFormat, ". Got ", format, ".");
  const VariableStore& variables = session.variables();
  check_tensors(reader, "weight", "weights", "of the model", weights_of(session),
                [&](size_t v) { return variables.canonical_count(v); });
  const std::string optimizer(session.update().optimizer().class_name());
  const Config* before = header.find("optimizer");
  require(!before || before->as_string() == optimizer, kWhere, "the optimizer must be the run's, ",
          before ? before->as_string() : "", ". Got ", optimizer, ".");
  check_tensors(reader, "optimizer", "optimizer_variables", "of the optimizer", optimizer_of(session),
                [&](size_t t) { return Update::canonical_count(session.update().tensors()[t], variables); });
  check_names(header, "losses", "losses", losses_of(session));
  check_names(header, "logs", "metrics", logs_of(session));
  const Config& sums = header.at("sums");
  const RunningSums empty = session.objectives().empty_sums();
  require(sums.at("metrics").as_list().size() == empty.metrics.size() &&
              sums.at("output_losses").as_list().size() == empty.output_losses.size(),
          kWhere, "the model must be compiled with the run's losses and metrics.");
  check_callbacks(reader, observers);
}

}  // namespace batchwise
