// Samples of a folder of JPEGs in batchwise:
//   bench_input_pipeline FOLDER LOADER_BATCH plain|cache [CACHE]
//     a loop over a loader's batches
//   bench_input_pipeline FOLDER BATCH train|train-alone MODEL MEMORY TIMES [LOADER_BATCH]
//     fit on the folder, TIMES times over for an epoch, through a loader where its batch is given; alone: on as many
//     samples that are in memory
#include <batchwise/batchwise.h>

#include <chrono>
#include <iomanip>

#include "conversation.h"
#include "input_pipeline/fit_epochs.h"
#include "repeated_rows.h"

namespace bw = batchwise;

namespace {

constexpr int64_t kSide = 128, kInMemory = 64;

// One time through the data; the sum of a pixel of every batch, so that nothing can be left out.
double epoch(const bw::DataLoader& loader) {
  double sum = 0;
  for (const bw::Batch& batch : loader) sum += batch.x[0].data<float>()[kSide * kSide / 2 * 3];
  return sum;
}

void train(const bw::Dataset& photos, int argc, char** argv) {
  if (argc < 7 || !bench::next_request()) return;
  bw::Model model = bw::Model::load(argv[4]);
  const int64_t times = std::stoll(argv[6]);
  const bool alone = std::string(argv[3]) == "train-alone";
  bw::Dataset data = photos.repeat(times);
  if (alone) {
    const bw::Batch some = photos.read(0, kInMemory);
    data = bench::repeated(bw::Dataset(some.x[0], some.y[0]), photos.size() * times);
  }
  if (argc > 7) data = bw::DataLoader(data, {.batch_size = std::stoll(argv[7]), .num_workers = bw::kAutotune});
  bench::fit_epochs(model, data, std::stoll(argv[2]), bw::parse_byte_size(argv[5]));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 3 ? argv[3] : "";
  if (mode.empty() || (mode == "cache" && argc < 5)) {
    std::cerr << "usage: bench_input_pipeline FOLDER BATCH plain|cache|train|train-alone ...\n";
    return 2;
  }
  bw::ImageDatasetOptions options;
  options.image_size = kSide;
  options.shuffle = false;
  if (mode == "cache") options.cache = argv[4];
  const bw::ImageDataset data = bw::image_dataset_from_directory(argv[1], options);
  if (mode.starts_with("train")) {
    train(data, argc, argv);
    bench::answer("peak", bench::peak_bytes());
    return 0;
  }
  const bw::DataLoader loader(data, {.batch_size = std::stoll(argv[2]), .num_workers = bw::kAutotune});
  while (const std::optional<bench::Request> request = bench::next_request()) {
    if (request->word == "losses") {  // the mean pixel of the first samples, in the order of the files
      const bw::Array x = data.read(0, request->count).x[0];
      double sum = 0;
      for (float value : x.values<float>()) sum += value;
      bench::answer("losses", std::setprecision(9), sum / static_cast<double>(x.count()));
    } else if (request->word == "train") {
      epoch(loader);
      bench::answer("ready");
    } else if (request->word == "steps") {
      const auto start = std::chrono::steady_clock::now();
      for (int64_t i = 0; i < request->count; ++i) epoch(loader);
      bench::answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
