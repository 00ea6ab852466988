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

}  // namespace

const LayerRef& LayerRef::adapt(const Array& samples) const {
  require(samples.rows() > 0, layer_->class_name(), "adapt needs at least one sample. Got none.");
  const auto adaptation = begin(*layer_);
  adaptation->see(samples);
  adaptation->finish();
  return *this;
}

const LayerRef& LayerRef::adapt(const Dataset& data, int input) const {
  require(!data.empty() && data.size() > 0, layer_->class_name(), "adapt needs at least one sample. Got none.");
  data.input(input);  // throws unless there is such an input
  const auto adaptation = begin(*layer_);
  for (int64_t first = 0; first < data.size(); first += kRows)
    adaptation->see(data.read(first, std::min(kRows, data.size() - first)).x[static_cast<size_t>(input)]);
  adaptation->finish();
  return *this;
}

}  // namespace batchwise
