// One writer per run folder.
#pragma once

#include <string>

namespace batchwise {

// Holds the folder from construction to destruction; the system gives it free when the process dies, however it dies.
class RunLock {
 public:
  explicit RunLock(
      const std::string& directory);  // throws Error(Input) when another process holds it. REQUIRES: it exists
  ~RunLock();
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace batchwise
