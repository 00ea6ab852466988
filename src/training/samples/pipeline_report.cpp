// Who waited for whom, at which rate each stage worked, and what to change.
#include "training/samples/pipeline_report.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "data/decoded_room.h"
#include "training/samples/samples.h"

namespace batchwise {
namespace {

constexpr double kMatters = 0.1;  // of the time: below it a wait is not worth a change

std::string rate(const StageFacts& stage) {
  if (stage.work_seconds <= 0) return "no time";
  const double each = static_cast<double>(stage.elements) / stage.work_seconds;
  std::ostringstream out;
  out << std::llround(each * static_cast<double>(std::max<int64_t>(1, stage.workers))) << " elements/s";
  return out.str();
}

}  // namespace

std::string pipeline_words(const Samples& samples) {
  if (samples.empty()) return "";
  std::vector<StageFacts> stages;
  samples.report(stages);
  std::ostringstream out;
  if (!samples.streamed()) {
    if (!samples.rows().source().costly() && !samples.rows().source().decodes()) return "";
    return "pipeline: each lane reads its own samples, a grain at a time, in the order of the shuffle";
  }
  out << "pipeline: samples come one after another and are cut into training batches";
  if (!samples.reads_ahead()) out << ", each of them read between two steps: a second one beside it does not fit";
  for (const StageFacts& stage : stages) out << "; " << stage.name << " works ahead";
  return out.str();
}

std::string decoded_words(const DecodedRoom& room) {
  if (room.empty()) return "";
  const std::string some = grouped_digits(room.places()) + " of " + grouped_digits(room.rows());
  return "decoded samples: " + (room.places() < room.rows() ? some : "all " + grouped_digits(room.rows())) +
         " are held in memory once they were read, " + show_byte_size(room.bytes()) + ": later epochs copy them";
}

std::string pipeline_report(const std::vector<StageFacts>& stages, double waited, double total) {
  const double share = total > 0 ? std::min(1.0, waited / total) : 0;
  std::ostringstream out;
  out << "[pipeline] training waited for samples " << std::lround(100 * share) << " % of the time";
  const StageFacts* slowest = nullptr;
  for (const StageFacts& stage : stages) {
    out << "; " << stage.name << ": " << stage.elements << " elements, " << rate(stage) << " with " << stage.workers
        << (stage.workers == 1 ? " worker" : " workers");
    if (stage.depth > 0) out << ", " << stage.depth << " ahead";
    if (stage.chosen) out << " (chosen)";
    if (!slowest || stage.waited_seconds > slowest->waited_seconds) slowest = &stage;
  }
  if (share < kMatters) out << ". Nothing to change.";
  else if (!slowest) out << ". Let the pipeline work ahead: end it with prefetch(), and give map num_parallel_calls.";
  else if (slowest->depth == 0)
    out << ". Make reading cheaper: keep what is the same in every epoch, by cache() or --cache.";
  else
    out << ". The slowest is " << slowest->name << ": give it more workers while cores are free, or cache() before it.";
  return out.str();
}

}  // namespace batchwise
