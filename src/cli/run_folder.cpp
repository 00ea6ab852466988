// The folder of a run.
#include "cli/run_folder.h"

#include <filesystem>
#include <system_error>

#include <unistd.h>

#include <batchwise/error.h>

#include "base/unfinished_files.h"

namespace batchwise {

namespace fs = std::filesystem;

bool RunFolder::holds_run() const {
  std::error_code error;
  return fs::exists(run_json(), error);
}

bool RunFolder::finished() const {
  std::error_code error;
  return fs::exists(history(), error);
}

void RunFolder::check_new(bool overwrite) const {
  std::error_code error;
  const fs::file_status status = fs::status(path_, error);
  if (fs::exists(status)) {
    require(fs::is_directory(status), path_,
            "the place of a run must be a folder or not be there yet. Got something else.");
    check_no_sweep();
    require(overwrite || !holds_run(), path_,
            "the folder holds a run already: give another, or --overwrite, or continue it with batchwise resume. Got a "
            "folder with run.json.");
    if (!overwrite) check_nothing_of_others();
    const RunLock free(path_);
    require(::access(path_.c_str(), W_OK | X_OK) == 0, path_,
            "the folder of a run must be writable. Got one that is not.");
    return;
  }
  require(!error || error == std::errc::no_such_file_or_directory, path_,
          "the folder of a run must be one that can be made. Got: ", error.message(), ".");
  fs::path parent = fs::absolute(path_, error).lexically_normal();
  while (parent.has_relative_path() && !fs::exists(parent, error)) parent = parent.parent_path();
  require(fs::is_directory(parent, error) && ::access(parent.c_str(), W_OK | X_OK) == 0, path_,
          "the folder of a run must be one that can be made. Got a place that cannot be written: ", parent.string(),
          ".");
}

void RunFolder::create(bool overwrite) {
  std::error_code error;
  fs::path at;
  for (const fs::path& part : fs::absolute(path_, error).lexically_normal()) {
    at /= part;
    if (part.empty() || fs::exists(at, error)) continue;
    const bool made = fs::create_directory(at, error);
    require(!error, path_, "the folder of a run must be one that can be made. Got: ", error.message(), ".");
    if (made) made_.push_back(at);
  }
  lock_.emplace(path_);
  if (!holds_run()) bring_back();  // of a process that was killed before it began
  check_no_sweep();
  require(overwrite || !holds_run(), path_,
          "the folder holds a run already: give another, or --overwrite. Got a folder with run.json.");
  if (!overwrite) check_nothing_of_others();
  put_aside();
  made_run_ = true;
  remove_leftovers();
  fs::create_directory(checkpoints(), error);
  require(!error, path_, "the folder of a run must be writable. Got: ", error.message(), ".");
}

std::vector<std::string> RunFolder::results() const {
  return {history(),     model(),     events(),   trace(),  checkpoints(),
          tensorboard(), tune_json(), branches(), report(), comparison()};
}

// run.json goes first: a folder without it holds no run, whenever this is cut off.
std::vector<std::string> RunFolder::files_of_run() const {
  std::vector<std::string> files = results();
  files.insert(files.begin(), {run_json(), start_model()});
  return files;
}

void RunFolder::remove_run() const {
  for (const std::string& file : files_of_run()) {
    std::error_code error;
    fs::remove_all(file, error);
    require(!error, file, "the older run must be one that can be removed. Got: ", error.message(), ".");
  }
}

void RunFolder::put_aside() const {
  std::error_code error;
  fs::remove_all(older(), error);
  for (const std::string& file : files_of_run()) {
    if (!fs::exists(fs::symlink_status(file, error))) continue;
    fs::create_directory(older(), error);
    fs::rename(file, fs::path(older()) / fs::path(file).filename(), error);
    if (!error) continue;
    bring_back();
    fail(file, "the older run must be one that can be removed. Got: ", error.message(), ".");
  }
}

void RunFolder::bring_back() const {
  std::error_code error;
  if (!fs::exists(older(), error)) return;
  // run.json comes last: then the run is whole.
  std::vector<std::string> files = files_of_run();
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    const fs::path aside = fs::path(older()) / fs::path(*file).filename();
    if (!fs::exists(fs::symlink_status(aside, error))) continue;
    fs::remove_all(*file, error);
    fs::rename(aside, *file, error);
  }
  fs::remove(older(), error);  // only when empty
}

void RunFolder::settle() {
  std::error_code error;
  fs::remove_all(older(), error);
}

// Whose cells, finished or begun, start from start.keras: a run would write its own there.
void RunFolder::check_no_sweep() const {
  for (const char* name : {"/sweep.json", "/cells"}) {
    std::error_code error;
    require(!fs::exists(fs::symlink_status(path_ + name, error)), path_,
            "the folder of a run must not hold a sweep: give another. Got one with ", name + 1, ".");
  }
}

void RunFolder::check_nothing_of_others() const {
  if (holds_run()) return;
  std::error_code error;
  // A folder of checkpoints that is empty was left by a run that was killed before it wrote run.json; so was the model
  // beside it.
  const bool killed = fs::is_directory(checkpoints(), error) && fs::is_empty(checkpoints(), error);
  std::vector<std::string> files = results();
  files.push_back(start_model());
  for (const std::string& file : files) {
    const bool there = fs::exists(fs::symlink_status(file, error));
    const bool left = killed && (file == checkpoints() || file == start_model());
    require(!there || left, file,
            "the run would replace it, and it is of no run: give another folder, or --overwrite. Got a file or a "
            "folder of that name.");
  }
}

void RunFolder::undo() {
  if (made_run_) {
    remove_run();
    bring_back();
  }
  made_run_ = false;
  lock_.reset();
  for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) {
    std::error_code error;
    fs::remove(*folder, error);  // only when empty
  }
  made_.clear();
}

void RunFolder::open() {
  std::error_code error;
  require(fs::is_directory(path_, error), path_, "a run is a folder that batchwise train --out made. Got ",
          fs::exists(path_, error) ? "something else." : "a path that does not exist.");
  lock_.emplace(path_);
  if (!holds_run()) bring_back();
  require(holds_run(), path_, "the folder must hold a run. Got one without run.json.");
  settle();
  remove_leftovers();
}

// The pages of a report are others' to write.
void RunFolder::remove_leftovers() const {
  std::vector<std::string> names;
  for (const std::string& file : {run_json(), start_model(), model(), history(), trace(), tune_json()})
    names.push_back(fs::path(file).filename().string());
  remove_unfinished_files(path_, names);
  remove_unfinished_files(branches());
}

}  // namespace batchwise
