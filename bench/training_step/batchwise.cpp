// Training steps in batchwise, through fit: `bench_training_step CASE FOLDER BATCH_SIZE [MEMORY] [dtype=POLICY]
// [lanes=N] [noise_scale=off]`.
#include <batchwise/batchwise.h>

#include <chrono>
#include <iomanip>
#include <memory>

#include "conversation.h"
#include "npy_file.h"
#include "repeated_rows.h"

namespace bw = batchwise;

namespace {

class FirstLosses : public bw::Callback {
 public:
  void on_train_batch_end(int64_t /*step*/, const bw::Logs& logs, bw::RunControl&) override {
    losses << ' ' << std::setprecision(9) << *bw::find_log(logs, "loss");
  }
  std::ostringstream losses;
};

// Lets fit run for as many steps as were asked for, and times them.
class Conversation : public bw::Callback {
 public:
  void on_train_batch_end(int64_t /*step*/, const bw::Logs&, bw::RunControl& control) override {
    if (--left_ > 0) return;
    if (!started_) {
      bench::answer("ready");
    } else {
      bench::answer("seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count());
    }
    started_ = true;
    const std::optional<bench::Request> request = bench::next_request();
    if (!request) return control.stop();
    left_ = request->count;
    start_ = std::chrono::steady_clock::now();
  }

 private:
  int64_t left_ = 1;
  bool started_ = false;
  std::chrono::steady_clock::time_point start_;
};

bw::Model load(const std::string& path, const std::string& dtype) {
  bw::Model model = bw::Model::load(path);
  if (!dtype.empty()) model.set_dtype_policy(dtype);
  return model;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr
        << "usage: bench_training_step CASE FOLDER BATCH_SIZE [MEMORY] [dtype=POLICY] [lanes=N] [noise_scale=off]\n";
    return 2;
  }
  const std::string folder = argv[2];
  std::string dtype;
  bw::FitOptions options;
  options.batch_size = std::stoll(argv[3]);
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("dtype=")) dtype = word.substr(6);
    else if (word == "noise_scale=off") options.noise_scale = false;
    else if (word.starts_with("lanes=")) options.lanes = std::stoi(word.substr(6));
    else options.memory = bw::parse_byte_size(word);
  }
  options.verbose = 0;
  const bw::Dataset data(bench::read_npy(folder + "/x.npy"), bench::read_npy(folder + "/y.npy"));

  while (const std::optional<bench::Request> request = bench::next_request()) {
    if (request->word == "losses") {
      bw::Model model = load(folder + "/check.keras", dtype);
      auto first = std::make_shared<FirstLosses>();
      bw::FitOptions few = options;
      few.shuffle = bw::Shuffle::No;
      few.callbacks = {first};
      const int64_t rows = request->count * options.batch_size;
      model.fit(bench::repeated(data.slice(0, rows), bench::kPasses * rows), few);
      bench::answer("losses" + first->losses.str());
    } else if (request->word == "train") {
      bw::Model model = load(folder + "/model.keras", dtype);
      bw::FitOptions endless = options;
      endless.epochs = 1'000'000'000;
      endless.callbacks = {std::make_shared<Conversation>()};
      model.fit(request->count > 0 ? bench::repeated(data, request->count) : data, endless);
      break;
    }
  }
  bench::answer("peak", bench::peak_bytes());
  return 0;
}
