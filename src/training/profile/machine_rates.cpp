// How fast this machine multiplies and copies.
#include "training/profile/machine_rates.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <batchwise/byte_size.h>

#include "kernels/product/product.h"
#include "training/memory/arena.h"
#include "training/profile/work_clock.h"

namespace batchwise {
namespace {

constexpr int64_t kRows = 96, kColumns = 128, kLength = 256;  // 272 KiB of matrices
constexpr int64_t kCopied = KiB(512);                         // to and from: about what a core's own cache holds
constexpr int64_t kLaneBytes = 2 * kCopied;
// Of each measurement, and of its parts: the fastest counts, so that a moment in which another process had the core
// does not. Shorter than what a system gives a process at a time.
constexpr int64_t kNanoseconds = 20'000'000, kPart = 1'000'000;

// Calls of `work` in a second, of the slowest lane: lanes that work side by side share clock and memory.
template <class Work>
double calls_per_second(Lanes& lanes, const Work& work) {
  std::vector<double> rates(static_cast<size_t>(lanes.count()), 0);
  lanes.run([&](int lane) {
    work(lane);
    double& fastest = rates[static_cast<size_t>(lane)];
    const int64_t until = WorkClock::now() + kNanoseconds;
    for (int64_t begin = WorkClock::now(); begin < until;) {
      int64_t calls = 0, end = begin;
      for (; end - begin < kPart; end = WorkClock::now(), ++calls) work(lane);
      fastest = std::max(fastest, 1e9 * static_cast<double>(calls) / static_cast<double>(end - begin));
      begin = end;
    }
  });
  return *std::min_element(rates.begin(), rates.end());
}

}  // namespace

int64_t rates_bytes(int lanes) { return lanes * kLaneBytes; }

MachineRates measure_rates(Lanes& lanes) {
  Arena arena(rates_bytes(lanes.count()));
  std::byte* memory = arena.take(arena.bytes());
  arena.populate();
  MachineRates rates;
  rates.flops = 2.0 * kRows * kColumns * kLength * calls_per_second(lanes, [&](int lane) {
                  float* at = reinterpret_cast<float*>(memory + lane * kLaneBytes);
                  Product product;
                  product.rows = kRows;
                  product.columns = kColumns;
                  product.a = at;
                  product.a_row = kLength;
                  product.length = kLength;
                  product.b = at + kRows * kLength;
                  product.b_panel = kLength * kPanel;
                  product.c = at + kRows * kLength + kLength * kColumns;
                  product.c_row = kPanel;
                  product.c_panel = kRows * kPanel;
                  multiply(product);
                });
  rates.bytes = 2.0 * kCopied * calls_per_second(lanes, [&](int lane) {
                  std::byte* from = memory + lane * kLaneBytes;
                  std::memcpy(from + kCopied, from, static_cast<size_t>(kCopied));
                });
  return rates;
}

}  // namespace batchwise
