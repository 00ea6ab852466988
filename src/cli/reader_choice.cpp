// Bounds on the readers of data.
#include "cli/reader_choice.h"

#include <iostream>

#include "data/bounded_readers.h"
#include "data/open_data.h"

namespace batchwise {
namespace {

bool decodes(const Dataset& data) { return data.has_rows() && data.source().decodes(); }

}  // namespace

void bound_readers(const TrainSettings& settings, Dataset& data, Dataset& validation) {
  if (settings.workers == 0) return;
  for (Dataset* each : {&data, &validation})
    if (!each->empty() && decodes(*each)) *each = with_readers(*each, settings.workers);
}

void note_readers_without_effect(const TrainSettings& settings, const Dataset& data) {
  if (settings.loader_batch > 0)
    std::cerr << "note: --loader-batch changes nothing: every lane reads its own samples, a grain at a time.\n";
  if (settings.workers > 0 && !decodes(data))
    std::cerr
        << "note: --workers changes nothing here: nothing is decoded. It bounds the threads that decode images.\n";
}

}  // namespace batchwise
