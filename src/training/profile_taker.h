// Takes the profile of a run: from the clocks of its sessions, and from what happens between their steps.
#pragma once

#include <chrono>
#include <string>

#include <batchwise/profile.h>

#include "training/session.h"

namespace batchwise {

class ProfileTaker {
 public:
  void opened(Session& session);
  void closes(Session& session);  // also at the end of the run
  // After every step: how long it took, and for how long the run has waited for data so far. The first is not counted.
  void step(Session& session, double seconds, int64_t samples, double data_seconds);
  void between(const std::string& work, double seconds);  // "validation", "checkpoint"
  Profile finish(double data_seconds);

 private:
  using Clock = std::chrono::steady_clock;
  ProfileRow& row(const std::string& work);

  Profile profile_;
  bool began_ = false;
  Clock::time_point start_;
  int64_t origin_ = 0;  // of the clock's nanoseconds
  double data_before_ = 0, step_seconds_ = 0;
};

}  // namespace batchwise
