// Takes the profile of a run from the clocks of its sessions.
#pragma once

#include <cstdint>

#include <batchwise/profile.h>

#include "training/session/session.h"

namespace batchwise {

class ProfileTaker {
 public:
  void opened(Session& session);
  void closes(Session& session);                 // also at the end of the run
  void step(Session& session, int64_t samples);  // after every step; the first is not counted, nor what was before it
  Profile finish();

 private:
  Profile profile_;
  bool began_ = false;
  int64_t origin_ = 0;  // nanoseconds of the clock, when it began
};

}  // namespace batchwise
