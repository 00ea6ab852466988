// Event files, written: protocol-buffer events by hand, each in a record with checksums.
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "formats/protobuf/wire_writer.h"
#include "formats/tfevents/tfevents.h"
#include "formats/tfrecord/crc32c.h"

namespace batchwise {
namespace {

std::string event_at(double wall_time) {
  std::string event;
  put_key(event, 1, 1);
  put_little_endian(event, std::bit_cast<uint64_t>(wall_time), 8);
  return event;
}

double now() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

std::string host() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 && name[0] ? name : "localhost";
}

}  // namespace

TfEventsWriter::TfEventsWriter(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) fail_run(directory, "the folder for events cannot be made. Got: ", error.message(), ".");
  static std::atomic<int> serial{0};
  const double time = now();
  for (int attempt = 0; descriptor_ < 0; ++attempt) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%010lld", static_cast<long long>(time));
    path_ = directory + "/events.out.tfevents." + seconds + "." + host() + "." + std::to_string(::getpid()) + "." +
            std::to_string(serial++);
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    require(descriptor_ >= 0 || (errno == EEXIST && attempt < 1000), path_,
            "the file cannot be written: ", std::strerror(errno), ".");
  }
  std::string event = event_at(time);
  put_bytes(event, 3, "brain.Event:2");
  record(event);
}

TfEventsWriter::~TfEventsWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void TfEventsWriter::scalar(const std::string& tag, int64_t step, double value) {
  write({tag, step, static_cast<float>(value), now()});
}

void TfEventsWriter::write(const TfScalar& scalar) {
  std::string value, summary, event = event_at(scalar.wall_time);
  put_bytes(value, 1, scalar.tag);
  put_key(value, 2, 5);
  put_little_endian(value, std::bit_cast<uint32_t>(scalar.value), 4);
  put_bytes(summary, 1, value);
  put_key(event, 2, 0);
  put_varint(event, static_cast<uint64_t>(scalar.step));
  put_bytes(event, 5, summary);
  record(event);
}

void TfEventsWriter::record(const std::string& event) {
  std::string out;
  put_little_endian(out, event.size(), 8);
  put_little_endian(out, masked_crc32c(out), 4);
  out += event;
  put_little_endian(out, masked_crc32c(event), 4);
  for (size_t at = 0; at < out.size();) {
    const ssize_t written = ::write(descriptor_, out.data() + at, out.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_run(path_, "events cannot be written: ", std::strerror(errno), ".");
    at += static_cast<size_t>(written);
  }
}

}  // namespace batchwise
