// What larger batches are worth, measured in the middle of a run that goes on as if nothing had been.
#include <cstdio>

#include <batchwise/batchwise.h>
namespace bw = batchwise;

class Probe : public bw::Callback {
 public:
  explicit Probe(const bw::Dataset& data) : data_(data) {}

  void on_epoch_end(int64_t epoch, bw::Logs&, bw::RunControl& run) override {
    if (epoch != 0) return;
    run.with_copy([&](bw::Model& copy) { probe(copy); });
  }

 private:
  void probe(const bw::Model& copy) {
    bw::BranchProbeOptions options;
    options.batch_sizes = {32, 128, 512, 2048};
    options.samples = 10240;
    options.repeats = 3;
    options.equal_time = true;
    const bw::BranchProbeResult result = bw::branch_probe(copy, data_, options);
    std::printf("batch size   loss after %lld samples   after %.2f s\n", static_cast<long long>(options.samples),
                result.equal_seconds);
    for (const bw::Branch& branch : result.branches)
      std::printf("%10lld   %23.4f   %12.4f\n", static_cast<long long>(branch.batch_size), branch.loss,
                  branch.loss_in_time);
    if (const auto& critical = result.critical_batch)
      std::printf("a sample is worth half from batch size %.0f on\n", critical->value);
  }

  bw::Dataset data_;
};

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string(argv[1]) == "--quick";
  auto [train, test] = bw::datasets::fashion_mnist();
  if (quick) train = train.take(12000);
  bw::Model model = bw::Sequential({bw::Input({28, 28, 1}), bw::Rescaling({.scale = 1 / 255.0f}), bw::Flatten(),
                                    bw::Dense({.units = 64, .activation = "relu"}), bw::Dense({.units = 10})});
  model.compile({.optimizer = bw::Adam({.learning_rate = 1e-3f}),
                 .loss = bw::SparseCategoricalCrossentropy({.from_logits = true}),
                 .metrics = {"accuracy"}});
  bw::FitOptions options{.batch_size = 32, .epochs = 2};
  options.callbacks = {std::make_shared<Probe>(train)};
  model.fit(train, options);
}
