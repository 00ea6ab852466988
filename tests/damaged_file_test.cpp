// Files cut off at every length and damaged in every byte: an error that names the file, or what was there; never a
// crash.
#include <functional>

#include <zlib.h>

#include <batchwise/batchwise.h>

#include "data/open_data.h"
#include "formats/idx/idx.h"
#include "formats/npy/npy.h"
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

struct DamagedFile : Cli {
  void SetUp() override {
    Cli::SetUp();
    ::alarm(240);  // a hang ends the test program
  }
  void TearDown() override {
    ::alarm(0);
    Cli::TearDown();
  }
  static void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  static Model make() {
    Model m =
        Sequential({Input({8}), Dense({.units = 5, .activation = "relu"}), BatchNormalization(), Dense({.units = 3})});
    m.compile(
        {.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
    m.initialize(1);
    return m;
  }

  // Every prefix is refused with an Error of kind Input; a changed byte is refused or read. Never anything else.
  static void damage(const std::string& path, const std::function<void()>& read) {
    const std::string whole = text_of_file(path);
    ASSERT_GT(whole.size(), 20u);
    read();
    size_t refused_changes = 0;
    const auto attempt = [&](const std::string& bytes) {
      write(path, bytes);
      try {
        read();
        return true;
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
        EXPECT_TRUE(std::string(error.what()).starts_with("[")) << error.what();
        EXPECT_NE(std::string(error.what()).find("Got"), std::string::npos) << error.what();
      }
      EXPECT_EQ(text_of_file(path), bytes) << "the file was changed";
      return false;
    };
    const size_t step = 1 + whole.size() / 350;
    for (size_t length = 0; length < whole.size(); length += length < 150 || length + 150 > whole.size() ? 1 : step) {
      SCOPED_TRACE(path + " cut off after " + std::to_string(length) + " of " + std::to_string(whole.size()) +
                   " bytes");
      EXPECT_FALSE(attempt(whole.substr(0, length)));
      if (HasFailure()) return;
    }
    for (size_t at = 0; at < whole.size(); at += at < 150 || at + 150 > whole.size() ? 1 : step)
      for (const int change : {0x01, 0xff}) {
        SCOPED_TRACE(path + " with byte " + std::to_string(at) + " changed by " + std::to_string(change));
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        refused_changes += !attempt(bytes);
        if (HasFailure()) return;
      }
    EXPECT_GT(refused_changes, 0u);
    write(path, whole);
  }
  static void read_all(const Dataset& set) { set.read(0, set.size()); }
};

TEST_F(DamagedFile, KerasModel) {
  const std::string path = folder + "/model.keras";
  make().save(path);
  damage(path, [&] { Model::load(path); });
}

TEST_F(DamagedFile, Weights) {
  const std::string path = folder + "/model.weights.h5";
  Model model = make();
  model.save_weights(path);
  damage(path, [&] { model.load_weights(path); });
}

TEST_F(DamagedFile, Npz) {
  damage(data, [&] { read_all(open_data(data)); });
}

TEST_F(DamagedFile, Npy) {
  const std::string path = folder + "/x.npy";
  NpyWriter writer(path, DType::Float32, {6});
  const std::vector<float> rows(60, 1.0f);
  writer.append(rows.data(), 10);
  writer.commit();
  damage(path, [&] { read_all(open_data(path)); });
}

TEST_F(DamagedFile, Idx) {
  const std::string path = folder + "/train-images-idx3-ubyte";
  std::string bytes("\0\0\x08\x03\0\0\0\x05\0\0\0\x04\0\0\0\x03", 16);
  bytes += std::string(60, 'a');
  write(path, bytes);
  damage(path, [&] { read_idx(path); });
  const std::string packed = path + ".gz";
  gzFile file = gzopen(packed.c_str(), "wb");
  ASSERT_EQ(gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size())), static_cast<int>(bytes.size()));
  gzclose(file);
  damage(packed, [&] { read_idx(packed); });
}

// The same through the program, at fewer lengths: one line, exit 2, no folder made.
TEST_F(DamagedFile, IsOneLineOfTheProgram) {
  const std::string model = folder + "/model.keras", out = folder + "/run";
  make().save(model);
  for (const std::string& path : {model, data}) {
    const std::string whole = text_of_file(path);
    for (size_t part = 0; part < 16; ++part) {
      const size_t length = whole.size() * part / 16;
      SCOPED_TRACE(path + " cut off after " + std::to_string(length));
      write(path, whole.substr(0, length));
      expect_error(run({"train", model, data, "--batch-size", "16", "--epochs", "1", "--out", out}), 2, path);
      expect_error(run({"inspect", path}), 2, path);
      EXPECT_FALSE(fs::exists(out));
    }
    write(path, whole);
  }
}

TEST_F(DamagedFile, OfARunIsRefusedOrDoneWithout) {
  const std::string whole_run = folder + "/whole", cut = folder + "/cut";
  const auto words = [&](const std::string& out) {
    return train({"--json", "--out", out, "--checkpoint-every", "3steps"}, 3);
  };
  const std::string expected = hash(run(words(whole_run)));
  // As a run that was killed at the end: its checkpoints are there, its outcome is not.
  fs::copy(whole_run, cut, fs::copy_options::recursive);
  fs::remove(cut + "/history.json");
  fs::remove(cut + "/model.keras");
  for (const std::string name : {"/run.json", "/start.keras"}) {
    const std::string bytes = text_of_file(cut + name);
    for (size_t part = 0; part < 8; ++part) {
      SCOPED_TRACE(name + " cut off at " + std::to_string(part) + "/8");
      write(cut + name, bytes.substr(0, bytes.size() * part / 8));
      expect_error(run({"resume", cut, "--json"}), 2, name.substr(1));
    }
    write(cut + name, bytes);
  }
  std::vector<fs::path> checkpoints;
  for (const auto& entry : fs::directory_iterator(cut + "/checkpoints")) checkpoints.push_back(entry.path());
  std::sort(checkpoints.begin(), checkpoints.end());
  ASSERT_EQ(checkpoints.size(), 2u);
  // The newest damaged: the one before. Both: from the start. The events cut off in a line: all the same.
  for (size_t damaged = 1; damaged <= 2; ++damaged) {
    const std::string place = folder + "/place" + std::to_string(damaged);
    fs::copy(cut, place, fs::copy_options::recursive);
    for (size_t i = 0; i < damaged; ++i) {
      const fs::path path = fs::path(place) / "checkpoints" / checkpoints[checkpoints.size() - 1 - i].filename();
      fs::resize_file(path, fs::file_size(path) * 2 / 3);
    }
    fs::resize_file(place + "/events.jsonl", fs::file_size(place + "/events.jsonl") - 20);
    const ChildResult resumed = run({"resume", place, "--json"});
    EXPECT_EQ(hash(resumed), expected);
    EXPECT_NE(resumed.err.find("checkpoint"), std::string::npos)
        << "a damaged checkpoint must be told: " << resumed.err;
    for (const json& event : events(text_of_file(place + "/events.jsonl"))) EXPECT_TRUE(event.contains("event"));
  }
}

}  // namespace
}  // namespace batchwise
