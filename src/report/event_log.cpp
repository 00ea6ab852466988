// events.jsonl, written.
#include "report/event_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "formats/json/json.h"
#include "report/events.h"

namespace batchwise {

EventLog::~EventLog() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void EventLog::append(const Config& event) {
  const std::string line = json_line(event) + "\n";
  for (size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail_run(path_, "the event could not be written: ", std::strerror(errno), ".");
    done += static_cast<size_t>(count);
  }
  bytes_ += static_cast<int64_t>(line.size());
}

void EventLog::on_plan(const Plan& plan) { plan_ = plan_event(plan); }

// Not as a line: means that are not finite come back as the numbers they are.
std::string EventLog::state() const { return Config::object({{"bytes", bytes_}, {"steps", steps_.state()}}).text(); }

// Checkpoints of earlier versions hold the length alone; the points of their epoch are not known.
void EventLog::restore(const std::string& state) try {
  const Config saved = parse_json(state, path_);
  bytes_ = saved.is_object() ? saved.at("bytes").as_int("bytes") : saved.as_int("bytes");
  require(bytes_ >= 0, "bytes", "the length must not be negative. Got ", bytes_, ".");
  if (saved.is_object()) steps_.restore(saved.at("steps"));
} catch (const Error& error) {
  fail(path_, "the checkpoint must state the length of the event log. Got \"", state, "\": ", error.what());
}

void EventLog::on_train_begin(const RunFacts&, RunControl&) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0)
    fail(path_, "the event log must be writable. Got: ", std::strerror(errno), ".");
  require(S_ISREG(status.st_mode), path_, "the event log must be a regular file.");
  const bool resumed = bytes_ > 0;
  bytes_ = std::min<int64_t>(bytes_, status.st_size);
  if (::ftruncate(descriptor_, bytes_) != 0 || ::lseek(descriptor_, bytes_, SEEK_SET) != bytes_)
    fail_run(path_, "the event log could not be cut to the checkpoint: ", std::strerror(errno), ".");
  if (!resumed && !plan_.is_null()) append(plan_);  // after a resume it stands at the beginning already
}

void EventLog::on_epoch_begin(int64_t, RunControl& run) { steps_.begin(run.progress().samples); }

void EventLog::on_train_batch_end(int64_t, const Logs& logs, RunControl& run) {
  const double* loss = steps_.begun() ? find_log(logs, "loss") : nullptr;
  if (loss) steps_.add(run.progress(), *loss);
}

void EventLog::on_batch_size(const RunProgress& now, int64_t before, const std::string& why) {
  append(batch_size_event(now, before, why));
}

void EventLog::on_epoch_end(int64_t epoch, Logs& logs, RunControl& run) {
  const RunProgress at = run.progress();
  append(epoch_event(epoch + 1, logs));
  append(progress_event(epoch + 1, at, run.learning_rate()));
  if (const auto scale = run.noise_scale()) append(noise_scale_event(epoch + 1, at.samples, *scale));
  if (steps_.begun()) append(Config::object({{"event", "steps"}, {"epoch", epoch + 1}, {"points", steps_.points()}}));
}

std::string end_line(const std::string& path) {
  std::ifstream file(path);
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last.starts_with("{\"event\":\"end\"") ? last : "";
}

}  // namespace batchwise
