// How fast this machine multiplies and copies.
#include "training/machine_rates.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <batchwise/byte_size.h>

#include "kernels/product/product.h"
#include "training/work_clock.h"

namespace batchwise {
namespace {

constexpr int64_t kRows = 96, kColumns = 128, kLength = 256;  // 272 KiB of matrices
constexpr int64_t kMostCopied = MiB(4);
constexpr int64_t kNanoseconds = 20'000'000;  // of each measurement

// Calls of `work` in a second, of the slowest lane: lanes that work side by side share clock and memory.
template <class Work>
double calls_per_second(Lanes& lanes, const Work& work) {
  std::vector<double> rates(static_cast<size_t>(lanes.count()), 0);
  lanes.run([&](int lane) {
    work(lane);
    const int64_t begin = WorkClock::now();
    int64_t calls = 0, end = begin;
    for (; end - begin < kNanoseconds; end = WorkClock::now(), ++calls) work(lane);
    rates[static_cast<size_t>(lane)] = 1e9 * static_cast<double>(calls) / static_cast<double>(end - begin);
  });
  return *std::min_element(rates.begin(), rates.end());
}

}  // namespace

MachineRates measure_rates(Lanes& lanes, std::byte* memory, int64_t bytes) {
  bytes -= bytes % 64;  // each lane's part begins where vectors may lie
  if (bytes < KiB(512)) return {};
  std::memset(memory, 0, static_cast<size_t>(lanes.count() * bytes));
  const int64_t half = std::min(bytes / 2, kMostCopied);
  MachineRates rates;
  rates.flops = 2.0 * kRows * kColumns * kLength * calls_per_second(lanes, [&](int lane) {
                  float* at = reinterpret_cast<float*>(memory + lane * bytes);
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
  rates.bytes = 2.0 * static_cast<double>(half) * calls_per_second(lanes, [&](int lane) {
                  std::memcpy(memory + lane * bytes + half, memory + lane * bytes, static_cast<size_t>(half));
                });
  return rates;
}

}  // namespace batchwise
