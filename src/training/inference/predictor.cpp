// A model that stays ready to predict.
#include <algorithm>
#include <optional>

#include "training/inference/inference_session.h"

namespace batchwise {

struct Predictor::Impl {
  // The session is made for the first samples: their columns say how samples are stored.
  Session& open(const Samples& samples) {
    require(!samples.streamed() && samples.rows().size() > 0, "Predictor",
            "there must be samples that can be had by number. Got ", samples.rows().describe(), ".");
    if (session) {
      session->check_same_columns(samples.rows(), "Predictor");
      return *session;
    }
    sized.emplace(model.for_data(samples.rows()));
    session = inference_session(*sized, samples,
                                {.memory = options.memory,
                                 .lanes = options.lanes,
                                 .allow_nan = options.allow_nan,
                                 .samples = options.batch_size > 0 ? options.batch_size : samples.rows().size()},
                                Observers(options.callbacks, options.verbose));
    return *session;
  }

  void finish() {
    if (session) session->finish();
    session.reset();
  }

  ~Impl() {
    try {
      finish();
    } catch (...) {
      // Giving back only fails when memory is gone; the session tries once more.
    }
  }

  Model model;
  PredictOptions options;
  std::optional<Model> sized;  // for the shapes of the samples
  std::unique_ptr<Session> session;
};

Predictor::Predictor(const Model& model, const PredictOptions& options)
    : impl_(new Impl{model, options, std::nullopt, nullptr}) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

std::vector<Array> Predictor::predict_outputs(const Dataset& data) {
  const Samples samples(impl_->model, data, 1);
  Session& session = impl_->open(samples);
  const Dataset& rows = samples.rows();
  std::vector<Array> results;
  for (const Symbol& output : impl_->sized->outputs())
    results.emplace_back(output.dtype(), output.shape().with_batch(rows.size()));
  for (int64_t first = 0; first < rows.size(); first += session.slab()) {
    const int64_t count = std::min(session.slab(), rows.size() - first);
    const std::vector<Array> predicted = session.predict(rows, first, count);
    for (size_t o = 0; o < predicted.size(); ++o)
      std::copy_n(predicted[o].raw(), predicted[o].bytes(), results[o].slice(first, count).raw());
  }
  return results;
}

Array Predictor::predict(const Array& x) {
  require(impl_->model.outputs().size() == 1, "Predictor",
          "the model must have one output: use predict_outputs for more. Got ", impl_->model.outputs().size(), ".");
  return predict_outputs(Dataset(x)).front();
}

void Predictor::finish() { impl_->finish(); }

}  // namespace batchwise
