// Facts of HDF5 files: ours come back, Keras's are read, and whatever leads out of the file is refused.
#include "formats/hdf5/hdf5_reader.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>
#include <hdf5.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_writer.h"
#include "formats/zip/zip_reader.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_h5_" + name)).string();
}

void write_small(const std::string& path) {
  AtomicFile file(path);
  Hdf5Writer writer(file, 0);
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  writer.floats("layers/dense/vars/0", {2, 3}, values);
  writer.floats("layers/dense/vars/1", {3}, std::span(values).first(3));
  writer.attribute("layers/dense/vars", "name", "probs");
  writer.group("layers/flatten/vars");
  writer.integer("optimizer/vars/0", 7);
  writer.integer("optimizer/vars/big", int64_t{1} << 40);
  writer.number("optimizer/vars/1", 0.5f);
  writer.finish();
  file.commit();
}

template <class F>
std::string message_of(F&& work) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::Input) << error.what();
    return error.what();
  }
  return "accepted";
}

TEST(Hdf5, WhatIsWrittenComesBack) {
  write_small(temporary("a.h5"));
  const Hdf5Reader reader(temporary("a.h5"));
  std::vector<float> out(6);
  reader.read_floats("layers/dense/vars/0", {2, 3}, out);
  EXPECT_EQ(out, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(reader.shape_of("optimizer/vars/1"), Shape());
  EXPECT_EQ(reader.type_of("layers/dense/vars/0"), "float32");
  EXPECT_EQ(reader.type_of("optimizer/vars/0"), "int32");
  EXPECT_EQ(reader.type_of("optimizer/vars/big"), "int64");
  EXPECT_EQ(reader.stored_bytes("layers/dense/vars/0"), 24);
  EXPECT_EQ(reader.stored_bytes("optimizer/vars/big"), 8);
  EXPECT_EQ(reader.read_integer("optimizer/vars/0"), 7);
  EXPECT_EQ(reader.read_integer("optimizer/vars/big"), int64_t{1} << 40);
  EXPECT_EQ(reader.read_number("optimizer/vars/1"), 0.5);
  EXPECT_EQ(reader.children("layers"), (std::vector<std::string>{"dense", "flatten"}));
  EXPECT_TRUE(reader.children("layers/flatten/vars").empty());
  EXPECT_TRUE(reader.children("layers/nothing").empty());
  EXPECT_TRUE(reader.has("layers/dense/vars/1"));
  EXPECT_FALSE(reader.has("layers/dense/vars/2"));
}

TEST(Hdf5, TheFileHasSuperblockZeroAndTheSameContentsGiveTheSameBytes) {
  write_small(temporary("a.h5"));
  write_small(temporary("b.h5"));
  const std::string a = InputFile(temporary("a.h5")).read_all(1 << 20),
                    b = InputFile(temporary("b.h5")).read_all(1 << 20);
  EXPECT_EQ(a.substr(0, 9), std::string("\x89HDF\r\n\x1a\n\0", 9));
  EXPECT_TRUE(a == b);
}

TEST(Hdf5, AFileInsideAnotherIsWrittenAndReadInPlace) {
  AtomicFile file(temporary("inside"));
  file.write("some bytes before");
  Hdf5Writer writer(file, file.size());
  const std::vector<float> value{2.5f};
  writer.floats("x", {1}, value);
  writer.finish();
  const int64_t end = file.size();
  file.write("and after");
  file.commit();
  auto outer = std::make_shared<const InputFile>(temporary("inside"));
  const Hdf5Reader reader(hdf5_bytes_in_file(outer, 17, end - 17), "inside");
  std::vector<float> out(1);
  reader.read_floats("x", {1}, out);
  EXPECT_EQ(out[0], 2.5f);
}

TEST(Hdf5, KerassWeightsAreReadInsideTheirArchive) {
  const ZipReader zip(BATCHWISE_SOURCE_DIR "/tests/golden/keras-files/func_keras392.keras");
  const ZipMember& member = *zip.find("model.weights.h5");
  const Hdf5Reader reader(hdf5_bytes_in_file(zip.file(), zip.data_offset(member), member.bytes), "func");
  EXPECT_EQ(reader.shape_of("layers/dense/vars/0"), Shape({64, 5}));
  EXPECT_EQ(reader.children("optimizer/vars").size(), 18u);
  EXPECT_EQ(reader.read_number("optimizer/vars/1"), 0.0010000000474974513);
  EXPECT_GE(reader.read_integer("optimizer/vars/0"), 1);
}

TEST(Hdf5, ShapesAndKindsMustBeTheExpectedOnes) {
  write_small(temporary("a.h5"));
  const Hdf5Reader reader(temporary("a.h5"));
  std::vector<float> out(6);
  EXPECT_NE(message_of([&] {
              reader.read_floats("layers/dense/vars/0", {3, 2}, out);
            }).find("must have the shape (3, 2). Got (2, 3)."),
            std::string::npos);
  EXPECT_NE(message_of([&] { reader.read_floats("layers/dense/vars", {6}, out); }).find("must name an array"),
            std::string::npos);
  EXPECT_NE(message_of([&] {
              reader.read_floats("layers/dense/vars/9", {6}, out);
            }).find("a.h5:layers/dense/vars/9] the array must be in the file"),
            std::string::npos);
  EXPECT_NE(message_of([&] { reader.read_integer("optimizer/vars/1"); }).find("integers"), std::string::npos);
  EXPECT_NE(message_of([&] { reader.children("layers/dense/vars/0"); }).find("must name a group"), std::string::npos);
}

TEST(Hdf5, LinksAndStorageThatLeadElsewhereAreRefused) {
  write_small(temporary("target.h5"));
  const std::string path = temporary("hostile.h5");
  const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
  H5Lcreate_external(temporary("target.h5").c_str(), "/layers", file.get(), "external", H5P_DEFAULT, H5P_DEFAULT);
  const Hdf5Handle group(H5Gcreate2(file.get(), "real", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  H5Lcreate_soft("/real", file.get(), "soft", H5P_DEFAULT, H5P_DEFAULT);
  const hsize_t dims[1] = {4};
  const Hdf5Handle space(H5Screate_simple(1, dims, nullptr), H5Sclose);
  const auto add = [&](const char* name, auto&& prepare) {
    const Hdf5Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
    prepare(properties.get());
    const Hdf5Handle array(
        H5Dcreate2(group.get(), name, H5T_IEEE_F32LE, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
        H5Dclose);
    ASSERT_TRUE(array.valid()) << name;
    const float values[4] = {1, 2, 3, 4};
    if (std::string(name) != "outside" && std::string(name) != "hollow")
      H5Dwrite(array.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  };
  add("plain", [](hid_t) {});
  add("compact", [](hid_t p) { H5Pset_layout(p, H5D_COMPACT); });
  add("chunks", [&](hid_t p) { H5Pset_chunk(p, 1, dims); });
  add("outside", [&](hid_t p) { H5Pset_external(p, "/etc/passwd", 0, 16); });
  add("hollow", [](hid_t) {});  // never written: no bytes behind the shape
  H5Fflush(file.get(), H5F_SCOPE_GLOBAL);

  const Hdf5Reader reader(path);
  std::vector<float> out(4);
  const auto read = [&](const std::string& at) { return message_of([&] { reader.read_floats(at, {4}, out); }); };
  EXPECT_EQ(read("real/plain"), "accepted");
  EXPECT_EQ(read("real/compact"), "accepted");
  EXPECT_EQ(out[3], 4.0f);
  EXPECT_NE(read("soft/plain").find("never followed. Got one at \"soft\""), std::string::npos);
  EXPECT_NE(read("external/dense/vars/1").find("never followed"), std::string::npos);
  EXPECT_NE(read("real/chunks").find("in chunks"), std::string::npos);
  EXPECT_NE(read("real/outside").find("stored in another file"), std::string::npos);
  EXPECT_NE(read("real/hollow").find("must hold the 16 bytes"), std::string::npos);
}

TEST(Hdf5, TruncatedAndForeignFilesAreRefused) {
  write_small(temporary("a.h5"));
  const std::string good = InputFile(temporary("a.h5")).read_all(1 << 20);
  for (size_t n = 0; n < good.size(); n += n < 200 ? 7 : 101) {
    EXPECT_NE(message_of([&] {
                const Hdf5Reader reader(hdf5_bytes_in_memory(good.substr(0, n)), "x");
                std::vector<float> out(6);
                reader.read_floats("layers/dense/vars/0", {2, 3}, out);
              }),
              "accepted")
        << n;
  }
  EXPECT_NE(message_of([] { Hdf5Reader(hdf5_bytes_in_memory("\x93NUMPY"), "x"); }).find("whole HDF5 file"),
            std::string::npos);
}

TEST(Hdf5, AFullDiskAtAnyByteIsAnErrorOfTheRunAndTheProcessEndsInOrder) {
  // Each limit in a child of its own, which also leaves through exit: HDF5 must have let go of the file.
  for (rlim_t limit : {0, 1, 50, 96, 500, 1000, 2000, 4000, 5000, 8000, 20000, 40000}) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::signal(SIGXFSZ, SIG_IGN);
      const rlimit bytes{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &bytes);
      int code = 1;
      try {
        AtomicFile file(temporary("full.h5"));
        Hdf5Writer writer(file, 0);
        for (int i = 0; i < 30; ++i)
          writer.floats("layers/dense_" + std::to_string(i) + "/vars/0", {400}, std::vector<float>(400, 1.0f));
        writer.finish();
        file.commit();
      } catch (const Error& error) { code = error.kind() == ErrorKind::Run ? 42 : 2; }
      std::exit(code);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << limit;
    EXPECT_EQ(WEXITSTATUS(status), 42) << limit;
    EXPECT_FALSE(std::filesystem::exists(temporary("full.h5")));
  }
}

TEST(Hdf5, ListsOfTextsComeBackAlsoWhenTheyAreLong) {
  const std::string path = temporary("texts.h5");
  AtomicFile file(path);
  Hdf5Writer writer(file, 0);
  std::vector<std::string> names;
  for (int i = 0; i < 9000; ++i) names.push_back("layer_" + std::to_string(i));
  writer.attribute("a", "names", names);
  writer.attribute("a", "none", std::vector<std::string>{});
  writer.attribute("a", "one", "alone");
  writer.finish();
  file.commit();
  const Hdf5Reader reader(path);
  EXPECT_EQ(reader.texts("a", "names"), names);
  EXPECT_EQ(reader.texts("a", "none"), std::vector<std::string>{});
  EXPECT_EQ(reader.text("a", "one"), "alone");
  EXPECT_FALSE(reader.texts("a", "nobody"));
  EXPECT_FALSE(reader.text("nobody", "one"));
  EXPECT_NE(message_of([&] { reader.text("a", "none"); }), "accepted");
}

TEST(Hdf5, ArraysThatShareTheirBytesAreNotReadManyTimes) {
  const std::string path = temporary("shared.h5");
  {
    AtomicFile file(path);
    Hdf5Writer writer(file, 0);
    writer.floats("a/0", {100000}, std::vector<float>(100000, 1.0f));
    writer.finish();
    file.commit();
  }
  const Hdf5Handle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT), H5Fclose);
  ASSERT_GE(H5Lcreate_hard(file.get(), "/a/0", file.get(), "/a/1", H5P_DEFAULT, H5P_DEFAULT), 0);
  H5Fflush(file.get(), H5F_SCOPE_GLOBAL);
  const Hdf5Reader reader(path);
  EXPECT_EQ(reader.floats("a/0", {100000}).size(), 100000u);
  EXPECT_NE(message_of([&] { reader.floats("a/1", {100000}); }).find("each for itself"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
