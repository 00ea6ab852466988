// A loop of one's own: batches of any size add up to one update.
#include "model/held_weights.h"
#include "training/callbacks/observers.h"
#include "training/session/session.h"

namespace batchwise {

struct Trainer::Impl {
  Impl(Model& model_, const FitOptions& options_) : model(model_), options(options_) {}

  // The session is made for the first batch: its columns say how samples are stored.
  void open(const Dataset& data) {
    if (session) return;
    require(model.compiled().has_value(), "Trainer",
            "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
    require_not_held(model, "Trainer");
    seen = model.optimizer_state().samples;
    if (!model.initialized()) model.initialize_new(options.seed);
    SessionRequest request;
    request.training = true;
    request.batch_size = options.batch_size;
    request.grain = options.grain;
    request.budget = options.memory;
    request.lanes = options.lanes;
    request.data = data;
    request.pipeline_bytes = data.source().resident_bytes();
    int64_t learned = 0;
    for (const auto& variable : model.weights()) learned += variable->spec.shape.count() * 4;
    request.callback_bytes = 2 * learned;  // what is carried from batch to batch, and what a batch makes of it
    if (!options.allow_nan) require_finite_weights(model);
    sized.emplace(model.for_data(data));
    check_class_weight(options, *sized, data);
    auto blueprint = std::make_unique<Blueprint>(*sized, std::move(request));
    // Gradients of parts are added and divided by the samples of all: right for means over samples alone.
    require(!blueprint->objectives()->by_batch(), "Trainer",
            "the loss must be a mean over samples of a value of each, so that parts add up to a batch: no other "
            "reduction, no mask, no ignored class, no value over the whole batch.");
    for (const OutlineOp& op : blueprint->training()->outline.ops) statistics = statistics || op.statistics.forward > 0;
    auto made = std::make_unique<Session>(*sized, std::move(blueprint), options.seed, options.allow_nan);
    carry = next = made->empty_carry();
    session = std::move(made);
  }

  void finish() {
    if (!session) return;
    session->finish();
    session.reset();
    model.optimizer_state().samples = seen;
  }

  ~Impl() {
    try {
      finish();
    } catch (...) {
      // Giving back only fails when memory is gone; the session tries once more.
    }
  }

  Model model;
  std::optional<Model> sized;  // for the shapes of the batches
  FitOptions options;
  std::unique_ptr<Session> session;
  Carry carry, next;        // next: with the batch that is being accumulated
  int64_t samples = 0;      // in carry
  uint64_t seen = 0;        // since the beginning
  bool statistics = false;  // some layer takes statistics over a batch: it must come whole
};

namespace {

// What a loop of one's own does itself would be ignored. It is silent and measures no noise, whatever is said of those.
void check_own_loop(const FitOptions& given) {
  const FitOptions usual;
  const auto refuse = [](bool differs, const char* option) {
    require(!differs, "Trainer",
            "epochs, order, callbacks, checkpoints, validation and measurements belong to fit: a "
            "loop of one's own does them itself. Got ",
            option, ". Leave it out.");
  };
  refuse(given.epochs != usual.epochs, "epochs");
  refuse(given.initial_epoch != usual.initial_epoch, "initial_epoch");
  refuse(given.steps_per_epoch != usual.steps_per_epoch, "steps_per_epoch");
  refuse(given.shuffle != usual.shuffle, "shuffle");
  refuse(!given.callbacks.empty(), "callbacks");
  refuse(!given.checkpoint.directory.empty(), "checkpoint.directory");
  refuse(given.checkpoint.every_seconds != usual.checkpoint.every_seconds, "checkpoint.every_seconds");
  refuse(given.checkpoint.every_steps != usual.checkpoint.every_steps, "checkpoint.every_steps");
  refuse(given.checkpoint.resume, "checkpoint.resume");
  refuse(given.checkpoint.allow_changed_files, "checkpoint.allow_changed_files");
  refuse(!given.validation_data.empty(), "validation_data");
  refuse(given.validation_split != usual.validation_split, "validation_split");
  refuse(given.validation_batch_size != usual.validation_batch_size, "validation_batch_size");
  refuse(given.validation_freq != usual.validation_freq, "validation_freq");
  refuse(given.validation_steps != usual.validation_steps, "validation_steps");
  refuse(given.noise_scale_by_layer, "noise_scale_by_layer");
  refuse(given.profile, "profile");
  refuse(given.interrupt != nullptr, "interrupt");
}

}  // namespace

Trainer::Trainer(Model& model, const FitOptions& options) : impl_(std::make_unique<Impl>(model, options)) {
  check_own_loop(options);
}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

Logs Trainer::accumulate(const Batch& batch) {
  const Dataset data(batch.x, batch.y, batch.sample_weight);
  require(data.size() > 0, "Trainer", "a batch must have at least one sample. Got none.");
  impl_->open(data);
  Session& session = *impl_->session;
  session.check_same_columns(data, "Trainer");
  require(!impl_->statistics || (impl_->samples == 0 && data.size() <= impl_->options.batch_size), "Trainer",
          "a batch must be accumulated at once, and be at most batch_size samples, since a layer takes statistics over "
          "it. Got ",
          data.size(), " samples after ", impl_->samples, ", with batch_size ", impl_->options.batch_size, ".");
  RunningSums sums = session.objectives().empty_sums();
  // A step that fails leaves what was carried as it was: parts are added when all have been computed.
  const Carry* before = &impl_->carry;
  for (int64_t first = 0; first < data.size(); first += impl_->options.batch_size) {
    const int64_t count = std::min(impl_->options.batch_size, data.size() - first);
    const BatchRange range{&data, nullptr, 0, first, count, impl_->seen + static_cast<uint64_t>(first)};
    add_to(sums,
           session.compute(range, 1.0, impl_->options.class_weight.empty() ? nullptr : &impl_->options.class_weight));
    session.add_to_carry(*before, impl_->next);
    before = &impl_->next;
  }
  std::swap(impl_->carry, impl_->next);
  impl_->samples += data.size();
  impl_->seen += static_cast<uint64_t>(data.size());
  return session.objectives().logs(sums);
}

int64_t Trainer::samples() const { return impl_->samples; }

void Trainer::apply() {
  require(impl_->samples > 0, "Trainer", "apply needs accumulated samples. Got none since the last apply.");
  impl_->session->load_carry(impl_->carry);
  impl_->session->apply(1.0f / static_cast<float>(impl_->samples));
  discard();
}

void Trainer::discard() {
  for (auto& run : impl_->carry) std::fill(run.begin(), run.end(), 0.0f);
  impl_->samples = 0;
}

void Trainer::finish() {
  impl_->finish();
  discard();
}

}  // namespace batchwise
