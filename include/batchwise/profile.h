// Where the time of training went: per layer and kind of work, beside the least time that it could take.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace batchwise {

// Of one lane, measured on all lanes at once when training began.
struct MachineRates {
  double flops = 0;  // per second, of f32 matrix products that lie in the cache
  double bytes = 0;  // per second, copied within a lane's own memory: each counts once read and once written
};

struct ProfileRow {
  std::string layer;   // "": of no layer, or of all
  std::string work;    // "forward", "backward", "again", "sum", "update", ...: docs/performance.md has them all
  int64_t calls = 0;   // of all lanes together
  double seconds = 0;  // of all lanes together, divided by their number: shares of the run's time
  double flops = 0, bytes = 0;  // of all calls
  double floor_seconds = 0;     // flops and bytes at the machine's rates, the longer of both; 0: not known
};

// One call, for a trace.
struct ProfileCall {
  int row = 0, lane = 0;
  double begin = 0, seconds = 0;  // since the run began
};

struct Profile {
  double seconds = 0;  // of the run after its first step, and what of it the rows add up to
  int64_t steps = 0, samples = 0;
  int lanes = 0;
  MachineRates rates;
  std::vector<ProfileRow> rows;    // the longest first
  std::vector<ProfileCall> calls;  // the last ones of every lane, in the order of time
};

// A table of the longest rows, and sums of the others.
std::ostream& operator<<(std::ostream& out, const Profile& profile);

}  // namespace batchwise
