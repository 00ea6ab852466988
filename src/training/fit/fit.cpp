// Model::fit and train_on_batch.
#include "training/fit/fit_loop.h"

namespace batchwise {

History Model::fit(const Dataset& data, const FitOptions& options) { return FitLoop(*this, data, options).run(); }

History Model::fit(const Array& x, const Array& y, const FitOptions& options) { return fit(Dataset(x, y), options); }

Logs Model::train_on_batch(const Batch& batch) {
  FitOptions options;
  options.batch_size = batch.rows();
  options.epochs = 1;
  options.shuffle = Shuffle::No;
  options.verbose = 0;
  return FitLoop(*this, Dataset(batch.x, batch.y, batch.sample_weight), options).one_batch();
}

const std::vector<double>& History::operator[](const std::string& key) const {
  std::vector<std::string> names;
  for (const auto& [name, values] : history) {
    if (name == key) return values;
    names.push_back(name);
  }
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  fail("History", "the key must be one of ", known, ". Got \"", key, "\".");
}

}  // namespace batchwise
