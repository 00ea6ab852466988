// events.jsonl, written.
#include "report/event_log.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/error.h>

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

void EventLog::restore(const std::string& state) {
  const auto [end, error] = std::from_chars(state.data(), state.data() + state.size(), bytes_);
  if (error != std::errc() || end != state.data() + state.size() || bytes_ < 0)
    fail(path_, "the checkpoint must state the length of the event log. Got \"", state, "\".");
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

void EventLog::on_epoch_end(int64_t epoch, Logs& logs, RunControl&) { append(epoch_event(epoch + 1, logs)); }

std::string end_line(const std::string& path) {
  std::ifstream file(path);
  std::string line, last;
  while (std::getline(file, line))
    if (!line.empty()) last = line;
  return last.starts_with("{\"event\":\"end\"") ? last : "";
}

}  // namespace batchwise
