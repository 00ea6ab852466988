// What a run keeps: weights handed to callbacks, checkpoints written and read.
#include <algorithm>

#include "kernels/simd/finite.h"
#include "training/fit/fit_loop.h"
#include "training/resume/same_run.h"

namespace batchwise {
namespace {

Config numbers(const std::vector<double>& values) {
  Config::List list;
  for (double value : values) list.emplace_back(value);
  return list;
}

std::vector<double> numbers_at(const Config& config, std::string_view key) {
  std::vector<double> values;
  for (const Config& item : config.at(key).as_list(key)) values.push_back(item.as_number(key));
  return values;
}

}  // namespace

std::vector<std::vector<float>> FitLoop::get_weights() {
  const VariableStore& variables = session().variables();
  std::vector<std::vector<float>> weights;
  for (size_t v = 0; v < variables.size(); ++v) {
    weights.emplace_back(static_cast<size_t>(variables.canonical_count(v)));
    variables.unpack(v, variables.stored(v), weights.back().data());
  }
  return weights;
}

void FitLoop::set_weights(const std::vector<std::vector<float>>& weights) {
  const VariableStore& variables = session().variables();
  require(weights.size() == variables.size(), "set_weights", "there must be one list per weight, ", variables.size(),
          ". Got ", weights.size(), ".");
  for (size_t v = 0; v < variables.size(); ++v)
    require(static_cast<int64_t>(weights[v].size()) == variables.canonical_count(v), "set_weights", "the weight ",
            variables.variable(v).path, " has ", variables.canonical_count(v), " values. Got ", weights[v].size(), ".");
  for (size_t v = 0; v < variables.size(); ++v) variables.pack(v, weights[v].data(), variables.stored(v));
  session().weights_changed();
}

// Saving reads the model's own values: they are there for as long as it takes.
template <class Work>
void FitLoop::with_model_values(const Work& work) {
  auto weights = get_weights();
  const auto all = model_.weights();
  for (size_t v = 0; v < all.size(); ++v) all[v]->value = std::move(weights[v]);
  model_.optimizer_state() = session().update().save(session().variables());
  const auto clear = [&] {
    for (const auto& variable : all) std::vector<float>().swap(variable->value);
    model_.optimizer_state() = {};
  };
  try {
    work();
  } catch (...) {
    clear();
    throw;
  }
  clear();
}

void FitLoop::save_model(const std::string& path) {
  with_model_values([&] { model_.save(path); });
}

void FitLoop::save_weights(const std::string& path) {
  with_model_values([&] { model_.save_weights(path); });
}

// Where the data have an order of their own, what the options say is not looked at.
std::string FitLoop::shuffle_in_force() const {
  if (!order_) return "no";
  return options_.shuffle == Shuffle::WithinBatches ? "within batches" : "yes";
}

Config FitLoop::header() {
  Config history = Config(Config::Object{});
  for (const auto& [name, values] : history_.history) history.set(name, numbers(values));
  Config header = Config::object({{"epoch", cursor_.epoch},
                                  {"step", cursor_.step},
                                  {"pass", static_cast<int64_t>(cursor_.pass)},
                                  {"position", cursor_.position},
                                  {"samples", static_cast<int64_t>(cursor_.samples)},
                                  {"updates", cursor_.updates},
                                  {"seconds", progress().seconds},
                                  {"batch_size", options_.batch_size},
                                  {"schedule_batch", schedule_batch_},
                                  {"seed", std::to_string(options_.seed)},
                                  {"shuffle", shuffle_in_force()},
                                  {"data_size", data_.samples_in_pass()},
                                  {"stream_even", data_.streamed() && data_.stream().even()},
                                  {"iterations", session().update().iterations()},
                                  {"schedule_position", session().update().schedule_position()},
                                  {"learning_rate", session().update().optimizer().schedule() ? 0.0 : learning_rate()},
                                  {"instruction_set", history_.plan.instruction_set},
                                  {"noise", numbers(noise_->state())},
                                  {"sums", Config::object({{"samples", sums_.samples},
                                                           {"total_loss", sums_.total_loss},
                                                           {"output_losses", numbers(sums_.output_losses)},
                                                           {"metrics", numbers(sums_.metrics)}})},
                                  {"history_epochs", Config(history_.epoch)},
                                  {"history", history},
                                  {"stopped", stopped_}});
  record_.write_to(header, data_);
  record_run(header, session(), observers_);
  return header;
}

// A loss can be finite where weights no longer are: an activation hides them, or no step comes after.
void FitLoop::check_weights() const {
  if (options_.allow_nan) return;
  const VariableStore& variables = session().variables();
  for (size_t v = 0; v < variables.size(); ++v)
    if (const float* bad = first_not_finite(variables.stored(v), variables.stored_count(v)))
      fail_not_finite("fit", "weights must stay finite. Got ", *bad, " in ", variables.variable(v).path, " after ",
                      cursor_.updates, " updates. Lower the learning rate, or give --allow-nan to go on.");
}

void FitLoop::checkpoint() {
  check_weights();
  CheckpointWriter writer(options_.checkpoint.directory, cursor_.updates, header());
  const VariableStore& variables = session().variables();
  const std::span<float> scratch = session().between_steps();
  const auto write = [&](const std::string& name, size_t v, const float* stored) {
    const std::span<float> values = scratch.first(static_cast<size_t>(variables.canonical_count(v)));
    variables.unpack(v, stored, values.data());
    writer.tensor(name, values);
  };
  for (size_t v = 0; v < variables.size(); ++v) write("weight/" + std::to_string(v), v, variables.stored(v));
  const auto& tensors = session().update().tensors();
  for (size_t t = 0; t < tensors.size(); ++t) {
    const std::span<float> values = scratch.first(static_cast<size_t>(Update::canonical_count(tensors[t], variables)));
    Update::unpack(tensors[t], variables, values.data());
    writer.tensor("optimizer/" + std::to_string(t), values);
  }
  for (size_t c = 0; c < observers_.all().size(); ++c)
    if (const std::string state = observers_.all()[c]->state(); !state.empty())
      writer.blob("callback/" + std::to_string(c), state);
  writer.commit();
  last_checkpoint_ = std::chrono::steady_clock::now();
  last_checkpoint_updates_ = cursor_.updates;
}

bool FitLoop::resume() {
  std::vector<std::string> messages;
  const auto reader = newest_checkpoint(options_.checkpoint.directory, messages);
  for (const std::string& text : messages) observers_.message(text);
  if (!reader) return false;
  restore(*reader);
  return true;
}

// Samples would come twice, and others never. Older checkpoints do not say.
void FitLoop::check_same_order(const Config& header) const {
  const Config* then = header.find("shuffle");
  if (!then) return;
  require(then->as_string() == shuffle_in_force(), "resume", "the shuffle must be the run's, ", then->as_string(),
          ". Got ", shuffle_in_force(), ".");
  const int64_t batch_size = header.at("batch_size").as_int();
  require(then->as_string() != "within batches" || batch_size == options_.batch_size, "resume",
          "batches that are shuffled as a whole have one size: the batch size must be the run's, ", batch_size,
          ". Got ", options_.batch_size, ".");
}

void FitLoop::restore(const CheckpointReader& reader) {
  const Config& header = reader.header();
  const char* where = "resume";
  check_same_run(reader, session(), observers_);
  if (header.at("data_size").as_int() != data_.samples_in_pass())
    fail(where, "the data must be what the run was started with, ", header.at("data_size").as_int(), " samples. Got ",
         data_.samples_in_pass(),
         ". Samples that were added or taken away change it, and so do files that went bad since and are skipped.",
         record_.changed_files(false));
  record_.check_same(header, data_, observers_);
  require(header.at("seed").as_string() == std::to_string(options_.seed), where, "the seed must be the run's, ",
          header.at("seed").as_string(), ". Got ", options_.seed, ".");
  check_same_order(header);
  if (header.at("instruction_set").as_string() != history_.plan.instruction_set)
    observers_.message("[resume] the run was made with " + header.at("instruction_set").as_string() +
                       " and goes on with " + history_.plan.instruction_set +
                       ": results are close, but not the same bits.");
  // Before any weight is written: a run that is refused gives the model back as it was.
  for (size_t c = 0; c < observers_.all().size(); ++c)
    if (const std::string name = "callback/" + std::to_string(c); reader.has(name))
      observers_.all()[c]->restore(reader.blob(name));
  const VariableStore& variables = session().variables();
  const std::span<float> scratch = session().between_steps();
  const auto read = [&](const std::string& name, size_t v, float* stored) {
    const std::span<float> values = scratch.first(static_cast<size_t>(variables.canonical_count(v)));
    reader.tensor(name, values);
    variables.pack(v, values.data(), stored);
  };
  for (size_t v = 0; v < variables.size(); ++v) read("weight/" + std::to_string(v), v, variables.stored(v));
  const auto& tensors = session().update().tensors();
  for (size_t t = 0; t < tensors.size(); ++t) {
    const std::span<float> values = scratch.first(static_cast<size_t>(Update::canonical_count(tensors[t], variables)));
    reader.tensor("optimizer/" + std::to_string(t), values);
    Update::pack(tensors[t], variables, values.data());
  }
  session().weights_changed();
  session().update().restore_counters(header.at("iterations").as_int(), header.at("schedule_position").as_number(),
                                      header.at("learning_rate").as_number());

  cursor_.epoch = header.at("epoch").as_int();
  cursor_.step = header.at("step").as_int();
  cursor_.pass = static_cast<uint64_t>(header.at("pass").as_int());
  cursor_.position = header.at("position").as_int();
  even_ = header.find("stream_even") && header.at("stream_even").as_bool();
  cursor_.samples = static_cast<uint64_t>(header.at("samples").as_int());
  cursor_.updates = header.at("updates").as_int();
  if (header.find("noise")) noise_->restore(numbers_at(header, "noise"));
  if (const Config* seconds = header.find("seconds")) seconds_before_ = seconds->as_number();
  schedule_batch_ = header.at("schedule_batch").as_int();
  stopped_ = header.at("stopped").as_bool();
  mid_epoch_ = cursor_.step > 0;
  const Config& sums = header.at("sums");
  sums_.samples = sums.at("samples").as_number();
  sums_.total_loss = sums.at("total_loss").as_number();
  sums_.output_losses = numbers_at(sums, "output_losses");
  sums_.metrics = numbers_at(sums, "metrics");
  history_.epoch.clear();
  for (const Config& epoch : header.at("history_epochs").as_list()) history_.epoch.push_back(epoch.as_int());
  history_.history.clear();
  for (const auto& [name, values] : header.at("history").as_object())
    history_.history.emplace_back(name, numbers_at(header.at("history"), name));
}

}  // namespace batchwise
