// Model::evaluate and Model::predict: inference in slabs, whose results do not depend on how samples were grouped.
#include "training/inference/evaluation.h"
#include "training/inference/inference_session.h"

namespace batchwise {
namespace {

constexpr int64_t kPart = 256;  // samples of a stream that are read at once, about

}  // namespace

int64_t stream_part(int64_t batch_size) { return (kPart + batch_size - 1) / batch_size * batch_size; }

SumsSeen told_to(const Observers& observers, const Objectives& objectives, int64_t batch_size) {
  if (observers.all().empty()) return {};
  return [&observers, &objectives, batch_size](const RunningSums& sums) {
    const Logs logs = objectives.logs(sums);
    const int64_t steps = (static_cast<int64_t>(sums.samples) + batch_size - 1) / batch_size;
    observers.each([&](Callback& c) { c.on_test_batch_end(steps - 1, logs); });
  };
}

RunningSums evaluate(Session& session, Samples& data, int64_t samples, int64_t batch_size, const SumsSeen& seen) {
  RunningSums total = session.objectives().empty_sums();
  data.stream().start(0, 0, samples);
  for (int64_t done = 0; samples < 0 || done < samples;) {
    const int64_t part = stream_part(batch_size),
                  count = data.stream().fill(samples < 0 ? part : std::min(part, samples - done));
    if (count == 0) break;
    const RunningSums sums = session.evaluate(data.rows(), count, batch_size);
    total.samples += sums.samples;
    total.total_loss += sums.total_loss;
    for (size_t o = 0; o < sums.output_losses.size(); ++o) total.output_losses[o] += sums.output_losses[o];
    for (size_t m = 0; m < sums.metrics.size(); ++m) total.metrics[m] += sums.metrics[m];
    done += count;
    if (seen) seen(total);
  }
  require(total.samples > 0, "evaluate", "the data must have at least one sample. Got none.");
  return total;
}

Logs Model::evaluate(const Dataset& data, const EvaluateOptions& options) const {
  require(options.batch_size >= 0 && options.steps >= 0, "evaluate", "batch_size and steps must be 0 or more. Got ",
          options.batch_size, " and ", options.steps, ".");
  require(compiled().has_value(), "evaluate",
          "the model must be compiled first: call compile({.optimizer = ..., .loss = ...}).");
  const int64_t batch = options.batch_size > 0 ? options.batch_size : 32;
  Samples samples(*this, data, stream_part(batch));
  const Model self = for_data(samples.rows());
  const Observers observers(options.callbacks, options.verbose);
  const auto session =
      inference_session(self, samples, {options.memory, options.lanes, options.allow_nan, batch}, observers);
  int64_t count = samples.count();
  require(count != kInfinite || options.steps > 0, "evaluate", "an endless data set needs steps. Got none.");
  if (options.steps > 0) count = count < 0 ? options.steps * batch : std::min(count, options.steps * batch);
  const int64_t stated = std::max<int64_t>(0, count);
  const RunFacts facts{1, (stated + batch - 1) / batch, stated, batch, options.verbose};
  observers.each([&](Callback& c) { c.on_test_begin(facts); });
  const Objectives& objectives = session->objectives();
  const SumsSeen seen = told_to(observers, objectives, batch);
  const Logs logs = objectives.logs(samples.streamed() ? batchwise::evaluate(*session, samples, count, batch, seen)
                                                       : session->evaluate(samples.rows(), count, batch, seen));
  observers.each([&](Callback& c) { c.on_test_end(logs); });
  session->finish();
  return logs;
}

Logs Model::evaluate(const Array& x, const Array& y, const EvaluateOptions& options) const {
  return evaluate(Dataset(x, y), options);
}

void Model::predict_each(const Dataset& data, const PredictSink& sink, const PredictOptions& options) const {
  Samples samples(*this, data, kPart);
  const Model self = for_data(samples.rows());
  require(samples.count() != kInfinite, "predict", "predicting needs data that ends. Got an endless data set.");
  const Observers observers(options.callbacks, options.verbose);
  const auto session = inference_session(self, samples,
                                         {.memory = options.memory,
                                          .lanes = options.lanes,
                                          .allow_nan = options.allow_nan,
                                          .samples = std::max<int64_t>(0, samples.count())},
                                         observers);
  const bool streamed = samples.streamed();
  const int64_t slab = session->slab();
  if (streamed) samples.stream().start(0, 0, samples.count());
  for (int64_t first = 0, count = 0;; first += count) {
    count = streamed ? samples.stream().fill(slab) : std::min(slab, samples.rows().size() - first);
    if (count <= 0) break;
    const auto predictions = session->predict(samples.rows(), streamed ? 0 : first, count);
    for (size_t o = 0; o < predictions.size(); ++o) sink(static_cast<int>(o), first, predictions[o]);
  }
  session->finish();
}

std::vector<Array> Model::predict_outputs(const Dataset& data, const PredictOptions& options) const {
  const Samples samples(*this, data, 1);
  const Model self = for_data(samples.rows());
  std::vector<Array> results;
  if (samples.streamed()) {  // how many there are shows at the end
    std::vector<std::vector<std::byte>> bytes(self.outputs().size());
    int64_t count = 0;
    predict_each(
        data,
        [&](int output, int64_t first, const Array& rows) {
          bytes[static_cast<size_t>(output)].insert(bytes[static_cast<size_t>(output)].end(), rows.raw(),
                                                    rows.raw() + rows.bytes());
          count = first + rows.rows();
        },
        options);
    for (size_t o = 0; o < bytes.size(); ++o) {
      const Symbol& output = self.outputs()[o];
      results.emplace_back(output.dtype(), output.shape().with_batch(count));
      std::copy(bytes[o].begin(), bytes[o].end(), results.back().raw());
    }
    return results;
  }
  for (const Symbol& output : self.outputs())
    results.emplace_back(output.dtype(), output.shape().with_batch(samples.count()));
  predict_each(
      data,
      [&](int output, int64_t first, const Array& rows) {
        std::copy_n(rows.raw(), rows.bytes(), results[static_cast<size_t>(output)].slice(first, rows.rows()).raw());
      },
      options);
  return results;
}

Array Model::predict(const Dataset& data, const PredictOptions& options) const {
  require(outputs().size() == 1, "predict", "the model must have one output: use predict_outputs for more. Got ",
          outputs().size(), ".");
  return predict_outputs(data, options).front();
}

Array Model::predict(const Array& x, const PredictOptions& options) const { return predict(Dataset(x), options); }

}  // namespace batchwise
