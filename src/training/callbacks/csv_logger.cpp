// CSVLogger: the logs of every epoch as a row of a .csv file.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <batchwise/callbacks.h>
#include <batchwise/error.h>

#include "training/callbacks/python_float.h"
#include "training/callbacks/state_text.h"

namespace batchwise {
namespace {

// As Python's csv.DictWriter, which Keras writes with: quoted where it must be.
std::string field(const std::string& text, const std::string& separator) {
  if (text.find(separator) == std::string::npos && text.find_first_of("\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace

CSVLogger::CSVLogger(CSVLoggerOptions options) : options_(std::move(options)) {
  require(!options_.filename.empty(), "CSVLogger", "filename must name a file. Got \"\".");
  require(!options_.separator.empty(), "CSVLogger", "separator must not be empty.");
}

CSVLogger::~CSVLogger() { close(); }

void CSVLogger::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

void CSVLogger::on_train_begin(const RunFacts&, RunControl& run) {
  close();
  const std::string& path = options_.filename;
  const bool keep = restored_ || options_.append;
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);
  require(file_ >= 0, path, "the log must be a file that can be written. Got: ", std::strerror(errno), ".");
  struct stat facts;
  require(::fstat(file_, &facts) == 0 && S_ISREG(facts.st_mode), path, "the log must be a regular file.");
  if (restored_) {
    if (facts.st_size < bytes_) {
      run.message("[" + path +
                  "] the log is shorter than when the checkpoint was written: it goes on with a new header.");
      bytes_ = facts.st_size;
      header_needed_ = true;
    }
  } else {
    bytes_ = keep ? facts.st_size : 0;
    header_needed_ = bytes_ == 0;
    keys_.clear();
  }
  restored_ = false;
  // Rows of epochs that are about to be trained again.
  if (::ftruncate(file_, bytes_) != 0) fail_run(path, "the log cannot be written: ", std::strerror(errno), ".");
}

void CSVLogger::write(const std::string& text) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t written =
        ::pwrite(file_, text.data() + done, text.size() - done, bytes_ + static_cast<int64_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      const std::string reason = written < 0 ? std::strerror(errno) : "nothing was accepted";
      // Half a row would be read as a whole one.
      if (::ftruncate(file_, bytes_) != 0)
        fail_run(options_.filename, "the log cannot be written, and its last row is incomplete: ", reason, ".");
      fail_run(options_.filename, "the log cannot be written: ", reason, ".");
    }
    done += static_cast<size_t>(written);
  }
  bytes_ += static_cast<int64_t>(text.size());
}

void CSVLogger::on_epoch_end(int64_t epoch, Logs& logs, RunControl&) {
  if (file_ < 0) return;
  if (keys_.empty()) {
    for (const auto& [name, value] : logs) keys_.push_back(name);
    std::sort(keys_.begin(), keys_.end());
    // Validation that comes with later epochs only: its columns are there from the start.
    const bool validated =
        std::any_of(keys_.begin(), keys_.end(), [](const std::string& key) { return key.starts_with("val_"); });
    if (!validated)
      for (size_t i = 0, n = keys_.size(); i < n; ++i) keys_.push_back("val_" + keys_[i]);
  }
  std::string text;
  if (header_needed_) {
    text = field("epoch", options_.separator);
    for (const std::string& key : keys_) text += options_.separator + field(key, options_.separator);
    text += "\r\n";
    header_needed_ = false;
  }
  text += field(std::to_string(epoch), options_.separator);
  for (const std::string& key : keys_) {
    const double* value = find_log(logs, key);
    text += options_.separator + field(value ? python_float(*value) : "NA", options_.separator);
  }
  write(text + "\r\n");
}

void CSVLogger::on_train_end(const Logs&, RunControl&) { close(); }

std::string CSVLogger::state() const {
  StateWriter out;
  out.put(bytes_);
  out.put(static_cast<uint8_t>(header_needed_));
  for (const std::string& key : keys_) out.put_bytes(key.c_str(), key.size() + 1);
  return out.take();
}

void CSVLogger::restore(const std::string& state) {
  if (state.empty()) return;
  StateReader in(state, "CSVLogger");
  bytes_ = in.get<int64_t>();
  header_needed_ = in.get<uint8_t>() != 0;
  keys_.clear();
  for (std::string key; in.left() > 0;) {
    const char c = in.get<char>();
    if (c) {
      key += c;
    } else {
      keys_.push_back(key);
      key.clear();
    }
  }
  restored_ = true;
}

}  // namespace batchwise
