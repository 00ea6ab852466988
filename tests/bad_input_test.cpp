// Bad input through the program and the library: one clear line, the exit code of the contract, nothing harmed, never a
// hang.
#include <sys/stat.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <thread>

#include <batchwise/batchwise.h>

#include "formats/npy/npy.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct BadInput : Cli {
  std::string model, run_folder, scratch;

  void SetUp() override {
    Cli::SetUp();
    ::alarm(240);  // a hang ends the test program
    scratch = folder + "_scratch";
    fs::remove_all(scratch);
    fs::create_directories(scratch);
    model = folder + "/model.keras";
    run_folder = folder + "/run";
    make().save(model);
  }
  void TearDown() override {
    ::alarm(0);
    Cli::TearDown();
    fs::remove_all(scratch);
  }
  static Model make() {
    Model m = Sequential({Input({8}), Dense({.units = 6, .activation = "relu"}), Dense({.units = 3})});
    m.compile(
        {.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
    m.initialize(1);
    return m;
  }
  Words train_on(const std::string& file, const Words& more = {}) const {
    Words words{"train", model, file, "--batch-size", "16", "--epochs", "1", "--memory", "256M", "--out", run_folder};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  // As run(), but a child that takes too long is killed and seen.
  ChildResult in_time(const Words& words) {
    Child child(program, words, scratch);
    const auto start = std::chrono::steady_clock::now();
    while (child.running() && std::chrono::steady_clock::now() - start < std::chrono::seconds(20))
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    if (child.running()) {
      ADD_FAILURE() << "the program hangs";
      child.send(SIGKILL);
    }
    return child.wait();
  }
  // Everything in the folder, contents and kinds.
  std::map<std::string, std::string> snapshot() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
      all[entry.path().string()] =
          std::to_string(static_cast<int>(entry.symlink_status().type())) +
          (fs::is_regular_file(entry.symlink_status()) ? text_of_file(entry.path().string()) : "");
    return all;
  }
  void refused(const Words& words, int code, const std::string& part) {
    std::string line;
    for (const std::string& word : words) line += " " + word;
    SCOPED_TRACE("batchwise" + line);
    const auto before = snapshot();
    expect_error(in_time(words), code, part);
    EXPECT_TRUE(snapshot() == before) << "something was changed";
  }
  // Refused once the run has begun: the folder holds a run, the last line is the error.
  void failed(const Words& words, int code, const std::string& part) {
    fs::remove_all(run_folder);
    const auto before = snapshot();
    expect_last_line(words, code, part);
    EXPECT_FALSE(fs::exists(run_folder + "/model.keras"));
    fs::remove_all(run_folder);
    EXPECT_TRUE(snapshot() == before) << "something was changed";
  }
  void expect_last_line(const Words& words, int code, const std::string& part) {
    std::string line;
    for (const std::string& word : words) line += " " + word;
    SCOPED_TRACE("batchwise" + line);
    const ChildResult result = in_time(words);
    EXPECT_EQ(result.code, code) << result.err;
    const size_t at = result.err.rfind("batchwise: [");
    ASSERT_NE(at, std::string::npos) << result.err;
    EXPECT_EQ(result.err.find('\n', at), result.err.size() - 1) << result.err;
    EXPECT_NE(result.err.find(part, at), std::string::npos) << result.err;
  }
  std::string npz(const std::string& name, std::vector<std::pair<std::string, Array>> arrays) const {
    const std::string path = folder + "/" + name + ".npz";
    write_npz(path, arrays);
    return path;
  }
  static Array ones(const Shape& shape) {
    return Array::from(std::vector<float>(static_cast<size_t>(shape.count()), 1.0f), shape);
  }
  static Array labels(int64_t n, int32_t value = 1) {
    return Array::from(std::vector<int32_t>(static_cast<size_t>(n), value), {n});
  }
};

TEST_F(BadInput, ArraysThatDoNotFitTheModelAreRefusedBeforeAnythingIsWritten) {
  refused(train_on(npz("short_rows", {{"x", ones({20, 7})}, {"y", labels(20)}})), 2, "(8,)");
  refused(train_on(npz("rank", {{"x", ones({20, 8, 1, 1})}, {"y", labels(20)}})), 2, "(8,)");
  refused(train_on(npz("scalars", {{"x", ones({20})}, {"y", labels(20)}})), 2, "(8,)");
  refused(train_on(npz("scalar", {{"x", ones({})}, {"y", labels(20)}})), 2, "the samples. Got the shape ().");
  refused(train_on(npz("counts", {{"x", ones({20, 8})}, {"y", labels(19)}})), 2, "19");
  refused(train_on(npz("label_shape", {{"x", ones({20, 8})}, {"y", ones({20, 3})}})), 2, "(3,)");
  refused(train_on(npz("no_labels", {{"x", ones({20, 8})}})), 2, "Got");
  refused(train_on(npz("no_x", {{"z", ones({20, 8})}, {"y", labels(20)}})), 2, "x");
  refused(train_on(npz("nothing", {})), 2, "Got");
  refused(train_on(npz("empty", {{"x", ones({0, 8})}, {"y", labels(0)}})), 2, "at least one sample");
  refused(train_on(npz("weights", {{"x", ones({20, 8})}, {"y", labels(20)}, {"sample_weight", ones({18})}})), 2, "18");
  refused({"evaluate", model, npz("short_rows", {{"x", ones({20, 7})}, {"y", labels(20)}})}, 2, "(8,)");
  refused({"evaluate", model, npz("empty", {{"x", ones({0, 8})}, {"y", labels(0)}})}, 2, "at least one sample");
  refused({"predict", model, npz("short_rows", {{"x", ones({20, 7})}}), "--out", folder + "/y.npy"}, 2, "(8,)");
  refused(train_on(data, {"--validation-data", npz("short_rows", {{"x", ones({20, 7})}, {"y", labels(20)}})}), 2,
          "(8,)");
}

TEST_F(BadInput, ValuesThatBreakARuleAreNamedWithTheirSample) {
  std::vector<float> x(40 * 8, 0.5f);
  const auto with = [&](size_t at, float value) {
    std::vector<float> values = x;
    values[at] = value;
    return Array::from(values, {40, 8});
  };
  const auto label = [&](size_t at, float value) {
    std::vector<float> values(40, 1);
    values[at] = value;
    return Array::from(values, {40});
  };
  const Words in_order{"--no-shuffle"};
  failed(train_on(npz("nan", {{"x", with(37 * 8, kNaN)}, {"y", labels(40)}}), in_order), 2, "sample 37");
  failed(train_on(npz("inf", {{"x", with(3 * 8 + 7, -kInfinity)}, {"y", labels(40)}}), in_order), 2, "sample 3");
  failed(train_on(npz("large", {{"x", ones({40, 8})}, {"y", label(20, 3)}}), in_order), 2, "Got 3 in sample 20");
  failed(train_on(npz("negative", {{"x", ones({40, 8})}, {"y", label(39, -1)}}), in_order), 2, "Got -1 in sample 39");
  failed(train_on(npz("fraction", {{"x", ones({40, 8})}, {"y", label(0, 0.5f)}}), in_order), 2, "Got 0.5 in sample 0");
  failed(train_on(npz("nan_label", {{"x", ones({40, 8})}, {"y", label(5, kNaN)}}), in_order), 2, "sample 5");
  failed(train_on(npz("nan_weight", {{"x", ones({40, 8})}, {"y", labels(40)}, {"sample_weight", label(11, kNaN)}}),
                  in_order),
         2, "sample 11");
  refused({"evaluate", model, npz("nan", {{"x", with(37 * 8, kNaN)}, {"y", labels(40)}})}, 2, "sample 37");
  refused({"predict", model, npz("nan", {{"x", with(37 * 8, kNaN)}}), "--out", folder + "/y.npy"}, 2, "sample 37");
  failed(train_on(npz("huge", {{"x", Array::from(std::vector<float>(40 * 8, 3e38f), {40, 8})}, {"y", labels(40)}})), 1,
         "the loss must be finite");
}

TEST_F(BadInput, ARunWhoseWeightsBecomeInfiniteFails) {
  failed(train_on(data, {"--optimizer", "sgd", "--learning-rate", "1e38"}), 1, "finite");
  // A single step: no loss tells.
  const std::string tall =
      npz("tall", {{"x", Array::from(std::vector<float>(16 * 8, 10000.0f), {16, 8})}, {"y", labels(16)}});
  failed(train_on(tall, {"--optimizer", "sgd", "--learning-rate", "3e38"}), 1, "weights must stay finite");
}

TEST_F(BadInput, WeightsThatAreNotFiniteAreRefused) {
  Model m = make();
  std::vector<Array> weights = m.get_weights();
  weights[0].data<float>()[3] = kNaN;
  const std::string path = folder + "/nan.keras";
  m.set_weights(weights);
  m.save(path);
  Words words = train_on(data);
  words[1] = path;
  refused(words, 2, "finite");
  refused({"evaluate", path, data}, 2, "finite");
  refused({"predict", path, data, "--out", folder + "/y.npy"}, 2, "finite");
  ASSERT_EQ(run(train_on(data)).code, 0);  // a run whose place was to be taken stays
  words.emplace_back("--overwrite");
  refused(words, 2, "finite");
}

TEST_F(BadInput, WhatIsNoRegularFileIsRefusedWithoutWaiting) {
  for (const std::string kind : {"npz", "npy", "csv", "keras"})
    ASSERT_EQ(::mkfifo((folder + "/pipe." + kind).c_str(), 0666), 0);
  for (const std::string kind : {"npz", "npy", "csv"}) {
    refused(train_on(folder + "/pipe." + kind, kind == "csv" ? Words{"--target", "a"} : Words{}), 2, "pipe");
    fs::create_directories(folder + "/folder." + kind);
    refused(train_on(folder + "/folder." + kind, kind == "csv" ? Words{"--target", "a"} : Words{}), 2,
            "folder." + kind);
    fs::create_symlink("/dev/zero", folder + "/zero." + kind);
    refused(train_on(folder + "/zero." + kind, kind == "csv" ? Words{"--target", "a"} : Words{}), 2, "zero");
    fs::create_symlink(folder + "/loop." + kind, folder + "/loop." + kind);
    refused(train_on(folder + "/loop." + kind, kind == "csv" ? Words{"--target", "a"} : Words{}), 2, "loop");
  }
  refused({"train", folder + "/pipe.keras", data, "--batch-size", "4", "--epochs", "1"}, 2, "pipe");
  refused({"evaluate", folder + "/pipe.keras", data}, 2, "pipe");
  refused({"inspect", folder + "/pipe.keras"}, 2, "pipe");
  refused({"resume", folder + "/pipe.npz"}, 2, "pipe");
  refused({"predict", model, data, "--out", folder + "/pipe.npy"}, 2, "pipe");
  fs::create_symlink("/dev/full", folder + "/full.npy");
  refused({"predict", model, data, "--out", folder + "/full.npy"}, 2, "full");
  refused({"predict", model, data, "--out", folder + "/none/y.npy"}, 2, "none");
  refused({"predict", model, data, "--out", folder + "/folder.npy"}, 2, "folder.npy");
  Words words = train_on(data);
  words.back() = folder + "/pipe.npz";
  refused(words, 2, "pipe");
}

TEST_F(BadInput, ABudgetTooSmallNamesOneThatIsAcceptedForEveryModel) {
  Model cnn = Sequential({Input({8, 8, 1}), Conv2D({.filters = 16, .kernel_size = 3, .padding = "same"}),
                          BatchNormalization(), ReLU(), MaxPooling2D(), Flatten(), Dense({.units = 3})});
  cnn.compile({.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  cnn.initialize(1);
  cnn.save(folder + "/cnn.keras");
  const std::string images = npz("images", {{"x", ones({900, 8, 8, 1})}, {"y", labels(900)}});
  const struct { std::string model, data; } table[] = {{model, data}, {"mlp", data}, {folder + "/cnn.keras", images}};
  for (const auto& entry : table)
    for (const std::string batch : {"1", "33", "450"}) {
      SCOPED_TRACE(entry.model + ", batch size " + batch);
      const Words words{"train",    entry.model, entry.data, "--batch-size", batch,
                        "--epochs", "1",         "--out",    run_folder,     "--memory"};
      Words tight = words;
      tight.push_back("100K");
      refused(tight, 3, "--memory ");
      const std::string message = in_time(tight).err;
      const size_t at = message.find("--memory ") + 9;
      Words enough = words;
      enough.push_back(message.substr(at, message.find_first_of(" ,.\n", at) - at));
      const ChildResult result = in_time(enough);
      EXPECT_EQ(result.code, 0) << enough.back() << ": " << result.err;
      fs::remove_all(run_folder);
    }
}

TEST_F(BadInput, LibraryCallsAreRefusedAndTheModelIsAsBefore) {
  Model m = make();
  const Array x = ones({20, 8}), y = labels(20);
  FitOptions quiet;
  quiet.verbose = 0;
  quiet.memory = MiB(256);
  m.fit(x, y, quiet);
  const auto state = [&] {
    std::string all = std::to_string(m.optimizer_state().iterations);
    for (const Array& weight : m.get_weights())
      all.append(reinterpret_cast<const char*>(weight.raw()), static_cast<size_t>(weight.bytes()));
    return all;
  };
  const std::string before = state();
  const auto bad = [&](const char* what, ErrorKind kind, const std::function<void()>& work) {
    SCOPED_TRACE(what);
    try {
      work();
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), kind) << error.what();
      EXPECT_TRUE(std::string(error.what()).starts_with("[")) << error.what();
    }
    EXPECT_TRUE(state() == before);
  };
  const auto with = [&](const std::function<void(FitOptions&)>& change) {
    FitOptions o = quiet;
    change(o);
    return o;
  };
  bad("no data", ErrorKind::Input, [&] { m.fit(Dataset(), quiet); });
  bad("no samples", ErrorKind::Input, [&] { m.fit(ones({0, 8}), labels(0), quiet); });
  bad("shape", ErrorKind::Input, [&] { m.fit(ones({20, 9}), y, quiet); });
  bad("rows", ErrorKind::Input, [&] { m.fit(x, labels(21), quiet); });
  bad("targets", ErrorKind::Input, [&] { m.fit(Dataset(x), quiet); });
  bad("two inputs", ErrorKind::Input, [&] { m.fit(Dataset({x, x}, {y}), quiet); });
  bad("batch size 0", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.batch_size = 0; })); });
  bad("batch size below 0", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.batch_size = -4; })); });
  bad("epochs", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.epochs = -1; })); });
  bad("grain", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.grain = -1; })); });
  bad("lanes", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.lanes = -1; })); });
  bad("memory", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.memory = -1; })); });
  bad("split", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.validation_split = 1; })); });
  bad("split NaN", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.validation_split = kNaN; })); });
  bad("null callback", ErrorKind::Input, [&] { m.fit(x, y, with([](FitOptions& o) { o.callbacks = {nullptr}; })); });
  bad("checkpoint without folder", ErrorKind::Input,
      [&] { m.fit(x, y, with([](FitOptions& o) { o.checkpoint.every_steps = 1; })); });
  bad("checkpoint folder", ErrorKind::Input, [&] {
    m.fit(x, y, with([&](FitOptions& o) {
            o.checkpoint.directory = "/dev/null/here";
            o.checkpoint.every_steps = 100;
          }));
  });
  bad("budget", ErrorKind::Budget, [&] { m.fit(x, y, with([](FitOptions& o) { o.memory = 1000; })); });
  bad("evaluate budget", ErrorKind::Budget, [&] {
    EvaluateOptions o;
    o.memory = 1000;
    m.evaluate(x, y, o);
  });
  bad("predict", ErrorKind::Input, [&] { m.predict(ones({4, 9})); });
  bad("save to a device", ErrorKind::Input, [&] {
    fs::create_symlink("/dev/full", folder + "/full.keras");
    m.save(folder + "/full.keras");
  });
  bad("loss", ErrorKind::Input, [&] { m.compile({.optimizer = "sgd", .loss = "no_such_loss"}); });
  bad("weights count", ErrorKind::Input, [&] { m.set_weights({x}); });
  m.fit(x, y, quiet);  // and it still trains
}

}  // namespace
}  // namespace batchwise
