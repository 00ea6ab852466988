// Brings the samples of a grain into a lane's buffers.
#include "training/execution/feed.h"

#include <chrono>
#include <cmath>
#include <string>

#include "base/element_cast.h"
#include "kernels/simd/finite.h"
#include "model/input_layer.h"
#include "training/program/objective.h"
#include "training/samples/sample_shape.h"

namespace batchwise {
namespace {

// As many values as lines, whatever the number of lines: else they could be as many as there are classes by chance.
bool has_value_per_line(const Loss& loss, const Shape& lines) {
  const Shape more{lines[0] + 1, lines[1]};
  return loss.value_shape(lines, lines) == Shape{lines[0]} && loss.value_shape(more, more) == Shape{more[0]};
}

}  // namespace

void check_columns(const Model& model, const Dataset& data, bool targets) {
  require(!data.empty() && data.size() > 0, "data", "the data must have at least one sample. Got none.");
  require(data.num_inputs() == static_cast<int>(model.inputs().size()), "data", "the model has ", model.inputs().size(),
          " inputs. Got ", data.num_inputs(), " from ", data.source().describe(), ".");
  for (int i = 0; i < data.num_inputs(); ++i) {
    const Shape& wanted = model.inputs()[static_cast<size_t>(i)].shape();
    require(feeds(data.input(i).shape, wanted), "data", "samples for the input ",
            model.input_names()[static_cast<size_t>(i)], " must have the shape ", wanted, ". Got ", data.input(i).shape,
            " from ", data.source().describe(), ".");
  }
  for (int i = 0; i < data.num_inputs(); ++i) {
    const bool text = data.input(i).dtype == DType::String;
    require(text == (model.inputs()[static_cast<size_t>(i)].dtype() == DType::String), "data",
            "text goes into inputs of dtype string, and nothing else does. Got ", data.input(i).dtype, " from ",
            data.source().describe(), " for the input ", model.input_names()[static_cast<size_t>(i)], ".");
  }
  for (int i = 0; i < data.num_targets(); ++i)
    require(data.target(i).dtype != DType::String, "data", "targets must be numbers. Got text from ",
            data.source().describe(), ".");
  if (targets) check_targets(model, data);
}

void check_class_weight(const FitOptions& options, const Model& model, const Dataset& data) {
  if (options.class_weight.empty()) return;
  require(data.num_weights() == 0, "fit", "class_weight and sample weights cannot be given together.");
  require(model.outputs().size() == 1, "fit", "class_weight needs a model with one output. Got ",
          model.outputs().size(), ".");
  const Shape& target = data.target(0).shape;
  const Shape& prediction = model.outputs()[0].shape();
  const bool label = target.rank() <= 1 && target.count() == 1, columns = target.rank() == 1 && target == prediction;
  const bool lines = target.rank() == 2 && target.back() > 1 && target == prediction;
  require(label || columns || lines, "fit",
          "class_weight needs a label or a column per class, for each sample or each of its positions: weight other "
          "targets by sample_weight. "
          "Got targets of the shape ",
          target, " for predictions of the shape ", prediction, ".");
  const Objectives objectives(model, data);
  const Objective& objective = objectives.outputs()[0];
  require(!objective.loss->spans_batch(objective.target_shape, prediction), "fit", objective.loss->class_name(),
          " has one value for the whole batch: there is nothing that a sample's weight could weigh. Got class_weight.");
  require(!lines || has_value_per_line(*objective.loss, target), "fit",
          "class_weight needs a loss with a value for each position, whose classes lie on the last axis. Got ",
          objective.loss->class_name(), " with values of the shape ", objective.loss->value_shape(target, prediction),
          " for targets of the shape ", target, ".");
  for (const auto& [label, weight] : options.class_weight)
    require(label >= 0 && std::isfinite(weight), "fit",
            "class_weight must be finite numbers for labels from 0 on. Got ", weight, " for ", label, ".");
}

Feed::Feed(const Model& model, const Dataset& data, bool check_finite, int64_t grain, int lanes)
    : check_finite_(check_finite), lanes_(lanes) {
  check_columns(model, data, false);
  if (data.source().costly()) trays_ = std::make_unique<Trays>(data.source(), grain, lanes + 1);
  else if (data.source().decodes()) decoding_ = std::make_unique<Decoding>();
  for (const Symbol& input : model.inputs())
    input_types_.push_back(static_cast<const InputLayer&>(*input.node()->layer).fed_dtype());
}

int64_t staging_bytes(const Column& column, DType wanted, int64_t rows) {
  return column.dtype == wanted ? 0 : rows * column.shape.count() * size_of(column.dtype);
}

std::optional<StageFacts> Feed::facts() const {
  if (trays_) return trays_->facts();
  if (!decoding_) return std::nullopt;
  const double seconds = 1e-9 * static_cast<double>(decoding_->nanoseconds.load());
  return StageFacts{"decoding in the lanes", lanes_, 0, false, decoding_->samples.load(), seconds, seconds};
}

void Feed::rows_of(const BatchRange& batch, int64_t first, std::span<int64_t> out, int64_t rows) {
  for (int64_t r = 0; r < static_cast<int64_t>(out.size()); ++r) {
    const int64_t position = batch.first + first + std::min(r, rows - 1);
    out[static_cast<size_t>(r)] = batch.order ? batch.order->row(batch.pass, position) : position;
  }
}

int64_t Feed::memory(const Dataset& data, int64_t grain, int lanes) {
  return !data.empty() && data.source().costly() ? Trays::bytes(data.source(), grain, lanes + 1) : 0;
}

void Feed::fetch(const BatchRange& batch, int column, std::span<const int64_t> rows, DType wanted, void* staging,
                 void* out) const {
  const Dataset& data = *batch.data;
  const Source& source = data.source();
  const auto stored = [&](void* to) {
    if (trays_) return trays_->fetch(source, column, rows, batch.pass, to);
    if (!decoding_) return source.fetch(column, rows, to);
    const auto begin = std::chrono::steady_clock::now();
    source.fetch(column, rows, to);
    decoding_->nanoseconds += std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
    if (column == 0) decoding_->samples += static_cast<int64_t>(rows.size());
  };
  const Column& about = source.columns()[static_cast<size_t>(column)];
  const int64_t count = about.shape.count() * static_cast<int64_t>(rows.size());
  if (about.dtype == wanted) {
    stored(out);
  } else {
    stored(staging);
    cast_elements(about.dtype, static_cast<const std::byte*>(staging), wanted, static_cast<std::byte*>(out), count);
  }
  if (wanted == DType::Float32)
    check(batch, column, out, static_cast<int64_t>(rows.size()),
          [&](int64_t k) { return rows[static_cast<size_t>(k)]; });
}

template <class Row>
void Feed::check(const BatchRange& batch, int column, const void* values, int64_t rows, const Row& row) const {
  const Source& source = batch.data->source();
  const Column& about = source.columns()[static_cast<size_t>(column)];
  const int64_t each = about.shape.count();
  const float* value = static_cast<const float*>(values);
  if (!check_finite_ || !is_floating(about.dtype) || all_finite(value, each * rows)) return;
  for (int64_t i = 0; i < each * rows; ++i)
    if (!std::isfinite(value[i]))
      fail("data", "values must be finite. Got ",
           std::isnan(value[i]) ? "nan"
           : value[i] > 0       ? "inf"
                                : "-inf",
           " in ", source.describe_row(row(i / each), batch.pass), about.name.empty() ? "" : ", array " + about.name,
           ". Clean the data; training can be told to go on (--allow-nan).");
}

const void* Feed::input_in_place(const BatchRange& batch, int i, int64_t first, int64_t count) const {
  const Source& source = batch.data->source();
  if (trays_ || batch.order || input_types_[static_cast<size_t>(i)] != DType::Float32 ||
      source.columns()[static_cast<size_t>(i)].dtype != DType::Float32)
    return nullptr;
  const int64_t row = batch.first + first;
  const void* at = source.rows_at(i, row, count);
  if (!at || reinterpret_cast<uintptr_t>(at) % 64 != 0) return nullptr;
  check(batch, i, at, count, [&](int64_t k) { return row + k; });
  return at;
}

void Feed::input(const BatchRange& batch, int i, std::span<const int64_t> rows, void* staging, void* out) const {
  fetch(batch, i, rows, input_types_[static_cast<size_t>(i)], staging, out);
}

void Feed::target(const BatchRange& batch, int i, std::span<const int64_t> rows, void* staging, float* out) const {
  fetch(batch, batch.data->num_inputs() + i, rows, DType::Float32, staging, out);
}

int Feed::weight_column(const Dataset& data, int output) {
  return data.num_inputs() + data.num_targets() + (data.num_weights() == 1 ? 0 : output);
}

int64_t Feed::weights_per_row(const Dataset& data, int output) const {
  return data.source().columns()[static_cast<size_t>(weight_column(data, output))].shape.count();
}

bool Feed::has_weights(const Dataset& data, int output) const {
  return data.num_weights() == 1 || output < data.num_weights();
}

void Feed::weights(const BatchRange& batch, int output, std::span<const int64_t> rows, void* staging,
                   float* out) const {
  fetch(batch, weight_column(*batch.data, output), rows, DType::Float32, staging, out);
}

}  // namespace batchwise
