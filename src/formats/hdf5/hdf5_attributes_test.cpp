// Facts of attributes in HDF5 files: texts of every form are read, and no damaged file makes them large.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <hdf5.h>

#include <batchwise/error.h>

#include "formats/hdf5/hdf5_reader.h"
#include "formats/hdf5/hdf5_writer.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_h5a_" + name)).string();
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

std::string contents(const std::string& path) {
  std::stringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

// The group "g" with texts of any length and of a fixed one, made by libhdf5 in the given form.
std::string made_by_hdf5(const std::string& name, H5F_libver_t form, int more = 0) {
  const std::string path = temporary(name);
  const Hdf5Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.get(), form, H5F_LIBVER_LATEST);
  const Hdf5Handle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.get()), H5Fclose);
  const Hdf5Handle group(H5Gcreate2(file.get(), "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose);
  const Hdf5Handle any(H5Tcopy(H5T_C_S1), H5Tclose), fixed(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(any.get(), H5T_VARIABLE);
  H5Tset_size(fixed.get(), 4);
  const hsize_t count = 3, none = 0;
  const Hdf5Handle list(H5Screate_simple(1, &count, nullptr), H5Sclose),
      empty(H5Screate_simple(1, &none, nullptr), H5Sclose), one(H5Screate(H5S_SCALAR), H5Sclose);
  const auto write = [&](const char* attribute, const Hdf5Handle& type, const Hdf5Handle& space, const void* values) {
    const Hdf5Handle made(H5Acreate2(group.get(), attribute, type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                          H5Aclose);
    if (values) H5Awrite(made.get(), type.get(), values);
  };
  const char* texts[] = {"first", "", "a text that is longer than others"};
  write("any", any, list, texts);
  write("fixed", fixed, list, "ab\0\0abcdx\0\0\0");
  write("one", any, one, texts);
  write("number", Hdf5Handle(H5Tcopy(H5T_NATIVE_INT), H5Tclose), one, nullptr);
  write("no_numbers", Hdf5Handle(H5Tcopy(H5T_NATIVE_DOUBLE), H5Tclose), empty, nullptr);
  for (int i = 0; i < more; ++i) write(("more" + std::to_string(i)).c_str(), any, one, texts);
  return path;
}

TEST(Hdf5Attributes, TextsOfBothFormsOfHeadersAreRead) {
  for (const H5F_libver_t form : {H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST}) {
    const Hdf5Reader reader(made_by_hdf5("forms.h5", form));
    EXPECT_EQ(reader.texts("g", "any"), (std::vector<std::string>{"first", "", "a text that is longer than others"}));
    EXPECT_EQ(reader.texts("g", "fixed"), (std::vector<std::string>{"ab", "abcd", "x"}));
    EXPECT_EQ(reader.text("g", "one"), "first");
    EXPECT_EQ(reader.texts("g", "no_numbers"), std::vector<std::string>{});
    EXPECT_FALSE(reader.text("g", "nobody"));
    EXPECT_NE(message_of([&] { reader.text("g", "number"); }).find("must be text"), std::string::npos);
    EXPECT_NE(message_of([&] { reader.text("g", "any"); }).find("one text. Got 3"), std::string::npos);
  }
}

TEST(Hdf5Attributes, OnesThatLieAwayFromTheirObjectAreRefusedAndManyInItsHeaderAreRead) {
  const Hdf5Reader early(made_by_hdf5("many.h5", H5F_LIBVER_EARLIEST, 200));  // a header in several chunks
  EXPECT_EQ(early.text("g", "more199"), "first");
  const Hdf5Reader late(made_by_hdf5("away.h5", H5F_LIBVER_LATEST, 20));
  EXPECT_NE(message_of([&] { late.text("g", "one"); }).find("header"), std::string::npos);
}

// Two megabytes whose list names the one text that fills them: read as it asks, eight gigabytes.
TEST(Hdf5Attributes, OneTextThatIsNamedManyTimesIsRefused) {
  const std::string path = temporary("named.h5");
  std::vector<std::string> names(4000, "x");
  names[0] = std::string(2'000'000, 'n');
  {
    AtomicFile file(path);
    Hdf5Writer writer(file, 0);
    writer.attribute("a", "names", names);
    writer.finish();
    file.commit();
  }
  EXPECT_EQ(Hdf5Reader(path).texts("a", "names"), names);
  std::string bytes = contents(path);
  const std::string length("\x80\x84\x1e\x00", 4);  // in the reference to the text, before its place
  size_t at = bytes.find(length);
  while (bytes.substr(at + 16, 4) != std::string("\x01\0\0\0", 4)) at = bytes.find(length, at + 1);
  for (size_t i = 1; i < names.size(); ++i) std::memcpy(&bytes[at + 16 * i], &bytes[at], 16);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const Hdf5Reader reader(path);
  EXPECT_NE(message_of([&] { reader.texts("a", "names"); }).find("named many times"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
