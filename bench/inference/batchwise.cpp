// Predictions in batchwise, by a model that stays ready: `bench_inference CASE FOLDER BATCH_SIZE`.
#include <batchwise/batchwise.h>

#include <chrono>
#include <iomanip>

#include "conversation.h"
#include "npy_file.h"

namespace bw = batchwise;

namespace {

// The first `count` of the rows, over and over.
bw::Array rows_of(const bw::Array& stored, int64_t count) {
  bw::Array rows(stored.dtype(), stored.shape().without_batch().with_batch(count));
  for (int64_t done = 0; done < count; done += stored.rows()) {
    const int64_t some = std::min(stored.rows(), count - done);
    const bw::Array from = stored.slice(0, some);
    std::copy_n(from.raw(), from.bytes(), rows.slice(done, some).raw());
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: bench_inference CASE FOLDER BATCH_SIZE\n";
    return 2;
  }
  const std::string folder = argv[2];
  const bw::Array x = rows_of(bench::read_npy(folder + "/x.npy"), std::stoll(argv[3]));
  const bw::Model model = bw::Model::load(folder + "/model.keras");
  bw::Predictor predictor(model);
  while (const std::optional<bench::Request> request = bench::next_request()) {
    if (request->word == "outputs") {
      const bw::Array outputs = predictor.predict(x);
      std::ostringstream values;
      for (int64_t i = 0; i < request->count; ++i) values << ' ' << std::setprecision(9) << outputs.data<float>()[i];
      bench::answer("outputs" + values.str());
    } else if (request->word == "steps") {
      const auto start = std::chrono::steady_clock::now();
      for (int64_t i = 0; i < request->count; ++i) predictor.predict(x);
      bench::answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
