// LayerRef::adapt: shows data to a layer, some rows at a time.
#include <algorithm>

#include <batchwise/dataset.h>
#include <batchwise/model.h>

namespace batchwise {
namespace {

constexpr int64_t kRows = 1024;  // shown at a time

std::unique_ptr<Adaptation> begin(Layer& layer) {
  auto adaptation = layer.adapt();
  require(adaptation != nullptr, layer.class_name(), "adapt is for layers that learn from data before training.");
  return adaptation;
}

// Whether the elements are batches: a stage made them so, or their first dimension is open.
bool comes_in_batches(const Dataset& data) {
  if (data.stage()->samples()) return true;
  const std::vector<Column> columns = data.columns();
  return !columns.empty() && columns[0].shape.rank() > 0 && columns[0].shape[0] == kUnknownDim;
}

}  // namespace

const LayerRef& LayerRef::adapt(const Array& samples) const {
  require(samples.rows() > 0, layer_->class_name(), "adapt needs at least one sample. Got none.");
  const auto adaptation = begin(*layer_);
  adaptation->see(samples);
  adaptation->finish();
  return *this;
}

const LayerRef& LayerRef::adapt(const Dataset& data, int input) const {
  const char* none = "adapt needs at least one sample. Got none.";
  require(!data.empty(), layer_->class_name(), none);
  const auto adaptation = begin(*layer_);
  if (data.has_rows()) {
    data.input(input);  // throws unless there is such an input
    for (int64_t first = 0; first < data.size(); first += kRows)
      adaptation->see(data.read(first, std::min(kRows, data.size() - first)).x[static_cast<size_t>(input)]);
    require(data.size() > 0, layer_->class_name(), none);
  } else {
    require(data.cardinality() != kInfinite, layer_->class_name(), "adapt needs data that ends. Got endless data.");
    require(input >= 0 && input < data.num_inputs(), "data", "the data has ", data.num_inputs(),
            " inputs. Got the index ", input, ".");
    bool seen = false;
    for (const Batch& batch : comes_in_batches(data) ? data : data.batch(kRows)) {
      adaptation->see(batch.x[static_cast<size_t>(input)]);
      seen = true;
    }
    require(seen, layer_->class_name(), none);
  }
  adaptation->finish();
  return *this;
}

}  // namespace batchwise
