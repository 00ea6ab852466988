// Times Model::plan: `bench_proportion MODEL.keras BATCH_SIZE`, then `plan N` on standard input.
#include <batchwise/batchwise.h>

#include <chrono>
#include <iostream>
#include <string>

#include "conversation.h"

namespace bw = batchwise;

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: bench_proportion MODEL.keras BATCH_SIZE\n";
    return 2;
  }
  const bw::Model model = bw::Model::load(argv[1]);
  bw::PlanOptions options;
  options.batch_size = std::stoll(argv[2]);
  while (const std::optional<bench::Request> request = bench::next_request()) {
    std::cout << "seconds";
    for (int64_t i = 0; i < request->count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const bw::Plan plan = model.plan(options);
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      std::cout << ' ' << (plan.peak_bytes > 0 ? taken.count() : -1);
    }
    std::cout << std::endl;
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
