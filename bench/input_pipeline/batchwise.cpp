// Samples of a folder of JPEGs in batchwise: `bench_input_pipeline FOLDER LOADER_BATCH plain|cache CACHE`.
// Every core fetches rows for itself, as the lanes of fit do: LOADER_BATCH at a time, at most 8.
#include <batchwise/batchwise.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iomanip>
#include <numeric>
#include <thread>

#include "conversation.h"

namespace bw = batchwise;

namespace {

constexpr int64_t kSide = 128, kPixels = kSide * kSide * 3;

// One time through the data; the sum of a pixel of every sample, so that nothing can be left out.
double epoch(const bw::Source& source, int64_t batch) {
  std::atomic<int64_t> next{0};
  const unsigned cores = std::thread::hardware_concurrency();
  std::vector<double> sums(cores);
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < cores; ++t)
    threads.emplace_back([&, t] {
      std::vector<float> pixels(static_cast<size_t>(batch * kPixels));
      std::vector<int64_t> rows(static_cast<size_t>(batch));
      for (int64_t first; (first = next.fetch_add(batch)) < source.size();) {
        const int64_t count = std::min(batch, source.size() - first);
        std::iota(rows.begin(), rows.end(), first);
        source.fetch(0, {rows.data(), static_cast<size_t>(count)}, pixels.data());
        for (int64_t i = 0; i < count; ++i) sums[t] += pixels[static_cast<size_t>(i * kPixels + kPixels / 2)];
      }
    });
  threads.clear();
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: bench_input_pipeline FOLDER LOADER_BATCH plain|cache CACHE\n";
    return 2;
  }
  const int64_t batch = std::min<int64_t>(std::stoll(argv[2]), 8);
  bw::ImageDatasetOptions options;
  options.image_size = kSide;
  options.shuffle = false;
  if (std::string(argv[3]) == "cache") options.cache = argv[4];
  const bw::ImageDataset data = bw::image_dataset_from_directory(argv[1], options);
  while (const std::optional<bench::Request> request = bench::next_request()) {
    if (request->word == "losses") {  // the mean pixel of the first samples, in the order of the files
      const bw::Array x = data.read(0, request->count).x[0];
      double sum = 0;
      for (float value : x.values<float>()) sum += value;
      bench::answer("losses", std::setprecision(9), sum / static_cast<double>(x.count()));
    } else if (request->word == "train") {
      epoch(data.source(), batch);
      bench::answer("ready");
    } else if (request->word == "steps") {
      const auto start = std::chrono::steady_clock::now();
      for (int64_t i = 0; i < request->count; ++i) epoch(data.source(), batch);
      bench::answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
