// The folder of a run: what lies where in it, who may write it, and when it is finished.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>

#include "training/checkpoint/run_lock.h"

namespace batchwise {

class RunFolder {
 public:
  explicit RunFolder(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string run_json() const { return path_ + "/run.json"; }
  std::string start_model() const { return path_ + "/start.keras"; }  // before the first step
  std::string checkpoints() const { return path_ + "/checkpoints"; }
  std::string events() const { return path_ + "/events.jsonl"; }
  std::string tensorboard() const { return path_ + "/tensorboard"; }
  std::string model() const { return path_ + "/model.keras"; }
  std::string tune_json() const { return path_ + "/tune.json"; }
  std::string branches() const { return path_ + "/branches"; }     // of a tune
  std::string history() const { return path_ + "/history.json"; }  // written last: then the run is finished
  std::string trace() const { return path_ + "/trace.json"; }      // of a run that was profiled
  std::string report() const { return path_ + "/report.html"; }
  std::string comparison() const { return path_ + "/compare.html"; }

  bool holds_run() const;
  bool finished() const;

  // Throws Error(Input) when a new run may not be written here. Changes nothing.
  void check_new(bool overwrite) const;
  // Makes and locks the folder; puts aside what an older run left, when that is wanted.
  void create(bool overwrite);
  // What create() put aside is gone: this run has begun.
  void settle();
  // As before create(), an older run included: for a run that did not begin. Keeps what others put there, and the run
  // that create() was refused for.
  void undo();
  // Throws unless there is a run that no other process is writing; locks it.
  void open();

 private:
  std::vector<std::string> results() const;                // files and folders that a run has made once it has begun
  std::string older() const { return path_ + "/.older"; }  // a run that this one is about to replace
  std::vector<std::string> files_of_run() const;           // run.json first
  void remove_run() const;
  void put_aside() const;
  void bring_back() const;
  void remove_leftovers() const;  // of a process that was killed while it wrote. REQUIRES: locked
  void check_no_sweep() const;
  // Throws where there are files of these names that no run has left: they are the user's.
  void check_nothing_of_others() const;

  std::string path_;
  std::optional<RunLock> lock_;
  bool made_run_ = false;          // what is in the folder is create()'s
  std::vector<std::string> made_;  // folders that create() made, outermost first
};

}  // namespace batchwise
