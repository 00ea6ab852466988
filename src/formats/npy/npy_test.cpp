// Facts of .npy files: every type comes back, rows can be appended, and no bad header is believed.
#include "formats/npy/npy.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/input_file.h"

namespace batchwise {
namespace {

std::string temporary(const std::string& name) {
  return (std::filesystem::path(::testing::TempDir()) / ("bw_npy_" + name)).string();
}

std::string npy_of(const std::string& dict, const std::string& data, char major = 1) {
  std::string out = "\x93NUMPY";
  out += major;
  out += '\0';
  const size_t length = dict.size();
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) out += static_cast<char>(length >> (8 * i) & 255);
  return out + dict + data;
}

std::string message_of(const std::string& bytes) {
  try {
    parse_npy_header(bytes, static_cast<int64_t>(bytes.size()), "x.npy");
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

TEST(Npy, EveryElementTypeComesBack) {
  for (DType dtype : {DType::Float32, DType::Float64, DType::Float16, DType::Int8, DType::UInt8, DType::Int16,
                      DType::UInt16, DType::Int32, DType::UInt32, DType::Int64, DType::UInt64, DType::Bool}) {
    const Array numbers = Array::from<float>({0, 1, 1, 0, 1, 0}, {2, 3}).cast(dtype);
    write_npy(temporary("types.npy"), numbers);
    const Array back = read_npy(temporary("types.npy"));
    EXPECT_EQ(back.dtype(), dtype);
    EXPECT_EQ(back.shape(), numbers.shape());
    EXPECT_TRUE(std::equal(back.raw(), back.raw() + back.bytes(), numbers.raw())) << dtype;
  }
}

TEST(Npy, ScalarsAndEmptyArraysComeBack) {
  write_npy(temporary("scalar.npy"), Array::from<float>({2.5f}, {}));
  EXPECT_EQ(read_npy(temporary("scalar.npy")).data<float>()[0], 2.5f);
  write_npy(temporary("empty.npy"), Array(DType::Int32, {0, 7}));
  EXPECT_EQ(read_npy(temporary("empty.npy")).shape(), Shape({0, 7}));
}

TEST(Npy, DataOfOurFilesStartsAtAMultipleOf64AndIsFoundForStreaming) {
  write_npy(temporary("stream.npy"), Array::from<int32_t>({1, 2, 3, 4, 5, 6}, {3, 2}));
  const NpyHeader header = open_npy(temporary("stream.npy"));
  EXPECT_EQ(header.data_offset % 64, 0);
  int32_t row[2] = {};
  InputFile(temporary("stream.npy")).read_at(header.data_offset + 2 * 8, row, 8);
  EXPECT_EQ(row[0], 5);
  EXPECT_EQ(row[1], 6);
}

TEST(Npy, RowsAppendedOneByOneGiveTheSameBytesAsTheWholeArray) {
  const Array whole = Array::from<float>({1, 2, 3, 4, 5, 6, 7, 8}, {4, 2});
  write_npy(temporary("whole.npy"), whole);
  NpyWriter writer(temporary("rows.npy"), DType::Float32, {2});
  writer.append(whole.data<float>(), 1);
  EXPECT_FALSE(std::filesystem::exists(temporary("rows.npy")));
  writer.append(whole.data<float>() + 2, 3);
  writer.commit();
  EXPECT_EQ(InputFile(temporary("rows.npy")).read_all(4096), InputFile(temporary("whole.npy")).read_all(4096));
  std::filesystem::remove(temporary("rows.npy"));
}

TEST(Npy, BigEndianIsConvertedWhenRead) {
  write_file_atomically(temporary("big.npy"), npy_of("{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }\n",
                                                     std::string("\x01\x02\xff\xfe", 4)));
  EXPECT_EQ(read_npy(temporary("big.npy")).data<int16_t>()[0], 0x0102);
  EXPECT_EQ(read_npy(temporary("big.npy")).data<int16_t>()[1], -2);
}

TEST(Npy, NumPysArraysOfAnyOrderAreReadAndRewrittenInOrder) {
  // numpy.save of (numpy.arange(120) * 3 - 100).reshape(5, 2, 3, 4), as ">i2", in Fortran order, and as both.
  for (const char* name : {"big_endian", "fortran", "fortran_big_endian"}) {
    const std::string path = std::string(BATCHWISE_SOURCE_DIR "/src/formats/npy/testdata/") + name + ".npy";
    ASSERT_FALSE(open_npy(path).in_order());
    write_in_order(path, temporary("ordered.npy"));
    EXPECT_TRUE(open_npy(temporary("ordered.npy")).in_order());
    for (const Array& array : {read_npy(path), read_npy(temporary("ordered.npy"))}) {
      ASSERT_EQ(array.shape(), Shape({5, 2, 3, 4})) << name;
      const Array numbers = array.cast(DType::Float64);
      for (int64_t i = 0; i < 120; ++i) ASSERT_EQ(numbers.data<double>()[i], static_cast<double>(i * 3 - 100)) << name;
    }
  }
}

TEST(Npy, ArraysOfManyBlocksAreRewrittenInOrder) {
  constexpr int64_t kRows = 9001, kWidth = 301;  // 10 MiB: more than is held at a time
  std::string data(kRows * kWidth * 4, '\0');
  for (int64_t r = 0; r < kRows; ++r)
    for (int64_t w = 0; w < kWidth; ++w) {
      const auto value = static_cast<int32_t>(r * 1000 + w);
      std::memcpy(data.data() + (w * kRows + r) * 4, &value, 4);
    }
  write_file_atomically(temporary("f.npy"),
                        npy_of("{'descr': '<i4', 'fortran_order': True, 'shape': (9001, 301), }", data));
  write_in_order(temporary("f.npy"), temporary("c.npy"));
  const Array array = read_npy(temporary("c.npy"));
  for (int64_t i = 0; i < array.count(); ++i) ASSERT_EQ(array.data<int32_t>()[i], i / kWidth * 1000 + i % kWidth) << i;
}

TEST(Npy, TextsOfOneWidthAreReadAsUtf8) {
  const auto texts = [&](const std::string& descr, const std::string& data) {
    const std::string dict = "{'descr': '" + descr + "', 'fortran_order': False, 'shape': (2,), }";
    AtomicFile file(temporary("texts.npy"));
    file.write(npy_of(dict, data));
    file.commit();
    const Array array = read_npy(temporary("texts.npy"));
    EXPECT_EQ(array.dtype(), DType::String);
    std::vector<std::string> all;
    for (const std::string_view text : array.values<std::string_view>()) all.emplace_back(text);
    return all;
  };
  const std::string a("a\0\0\0", 4), none("\0\0\0\0", 4), e("\xe9\0\0\0", 4), cat("\x31\xf4\x01\0", 4);
  EXPECT_EQ(texts("<U3", a + e + none + cat + none + a),
            (std::vector<std::string>{"a\u00e9", "\U0001f431" + std::string(1, '\0') + "a"}));
  EXPECT_EQ(texts(">U1", std::string("\0\0\0a\0\0 \xac", 8)), (std::vector<std::string>{"a", "\u20ac"}));
  EXPECT_EQ(texts("|S3", std::string("ab\0\0\0\0", 6)), (std::vector<std::string>{"ab", ""}));
  EXPECT_EQ(texts("<U0", ""), (std::vector<std::string>{"", ""}));
  EXPECT_EQ(texts("<U1", std::string("\0\xd8\0\0\0\0\x11\0", 8)), (std::vector<std::string>{"\ufffd", "\ufffd"}));
}

TEST(Npy, TextsWithoutWidthAreNotAsManyAsAHeaderSays) {
  const auto of = [](const char* type, const char* shape) {
    return message_of(
        npy_of(std::string("{'descr': '") + type + "', 'fortran_order': False, 'shape': " + shape + "}", ""));
  };
  for (const char* type : {"<U0", "|S0", ">U0"}) {
    EXPECT_EQ(of(type, "(65536,)"), "accepted");
    EXPECT_EQ(of(type, "(0, 2000000000)"), "accepted");
    for (const char* shape : {"(2000000000,)", "(65537,)", "(60000, 60000)"})
      EXPECT_NE(of(type, shape).find("of width 0 may have at most 65536 texts"), std::string::npos) << type << shape;
  }
}

int64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6)) * 1024;
  return -1;
}

TEST(Npy, ManyShortTextsTakeTheirViewsAndTheirBytesAlone) {
  constexpr int64_t kTexts = 2'000'000;
  write_file_atomically(temporary("many.npy"), npy_of("{'descr': '|S1', 'fortran_order': False, 'shape': (2000000,)}",
                                                      std::string(kTexts, 'x')));
  const pid_t child = ::fork();  // whose peak is its own
  ASSERT_GE(child, 0);
  if (child == 0) {
    const int64_t before = peak_bytes();
    const Array texts = read_npy(temporary("many.npy"));
    const int64_t taken = peak_bytes() - before;
    const auto all = texts.values<std::string_view>();
    const bool right = std::all_of(all.begin(), all.end(), [](std::string_view text) { return text == "x"; });
    ::_exit(!right ? 1 : taken > kTexts * (16 + 2) + (4 << 20) ? 2 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : 128, 0);
}

int64_t read_and_write_calls() {
  std::ifstream facts("/proc/self/io");
  int64_t calls = 0;
  for (std::string line; std::getline(facts, line);)
    if (line.starts_with("syscr:") || line.starts_with("syscw:")) calls += std::stoll(line.substr(6));
  return calls;
}

TEST(Npy, FortranOrderIsRewrittenInLongRuns) {
  // Few long rows; many rows of middling length; axes of which none is long.
  for (const Shape& shape : {Shape{3, 400'000}, Shape{1500, 1500}, Shape{20, 40, 50, 60}, Shape{500'000, 3}}) {
    const int64_t count = shape.count();
    std::string data(static_cast<size_t>(count) * 4, '\0'), dims;
    for (const int64_t dim : shape) dims += std::to_string(dim) + ", ";
    std::vector<int64_t> at(static_cast<size_t>(shape.rank()), 0);
    for (int64_t i = 0; i < count; ++i) {  // in Fortran order
      int64_t place = 0;
      for (int axis = 0; axis < shape.rank(); ++axis) place = place * shape[axis] + at[static_cast<size_t>(axis)];
      const auto value = static_cast<int32_t>(place);
      std::memcpy(data.data() + i * 4, &value, 4);
      for (int axis = 0; axis < shape.rank() && ++at[static_cast<size_t>(axis)] == shape[axis]; ++axis)
        at[static_cast<size_t>(axis)] = 0;
    }
    write_file_atomically(temporary("f.npy"),
                          npy_of("{'descr': '<i4', 'fortran_order': True, 'shape': (" + dims + ")}", data));
    const int64_t before = read_and_write_calls();
    write_in_order(temporary("f.npy"), temporary("c.npy"));
    const int64_t calls = read_and_write_calls() - before;
    EXPECT_LT(calls, 40 + count * 4 / 1024) << shape;  // a run is 2 KiB on the average
    for (const char* name : {"f.npy", "c.npy"}) {
      const Array array = read_npy(temporary(name));
      ASSERT_EQ(array.shape(), shape);
      for (int64_t i = 0; i < count; ++i) ASSERT_EQ(array.data<int32_t>()[i], i) << shape << name;
    }
    EXPECT_EQ(open_npy(temporary("c.npy")).data_offset % 64, 0);
  }
}

TEST(Npy, AllVersionsSpacingsAndKeyOrdersAreRead) {
  EXPECT_EQ(message_of(npy_of("{'shape':(1,2),'fortran_order':False,'descr':'<f4'}", std::string(8, 0), 2)),
            "accepted");
  EXPECT_EQ(message_of(npy_of("{ \"descr\" : \"|u1\" , \"fortran_order\":True,'shape':( 3L, ) , }  \n", "abc", 3)),
            "accepted");
  EXPECT_EQ(message_of(npy_of("{'descr': '=f8', 'fortran_order': False, 'shape': (), }", std::string(8, 0))),
            "accepted");
}

TEST(Npy, WhatWouldRunCodeOrLoadApproximatelyIsRefused) {
  EXPECT_NE(
      message_of(npy_of("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "pickled!")).find("never loaded"),
      std::string::npos);
  EXPECT_NE(message_of(npy_of("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "1234"))
                .find("not records"),
            std::string::npos);
  EXPECT_NE(message_of(npy_of("{'descr': '<M8[s]', 'fortran_order': False, 'shape': (1,), }", "12345678"))
                .find("Got \"<M8[s]\""),
            std::string::npos);
}

TEST(Npy, ShapesThatDoNotFitTheFileAreRefused) {
  const auto shaped = [](const std::string& shape) {
    return npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + ", }", "12345678");
  };
  EXPECT_EQ(message_of(shaped("(2,)")), "accepted");
  for (const char* bad : {"(1,)", "(3,)", "(-2,)", "(4611686018427387904,)",
                          "(9223372036854775807, 9223372036854775807)", "(99999999999999999999,)",
                          "(0, 9223372036854775807, 2)", "(1,1,1,1,1,1,1,1,2)", "(2", "2", "(2,,)", "('2',)", "(2.0,)"})
    EXPECT_NE(message_of(shaped(bad)), "accepted") << bad;
}

TEST(Npy, EveryTruncationAndEveryBrokenHeaderIsRefused) {
  const std::string good = npy_header(DType::Float32, {2}) + "12345678";
  ASSERT_EQ(message_of(good), "accepted");
  for (size_t n = 0; n < good.size(); ++n) EXPECT_NE(message_of(good.substr(0, n)), "accepted") << n;
  for (const char* bad :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "nonsense", "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x"})
    EXPECT_NE(message_of(npy_of(bad, "12345678")), "accepted") << bad;
  EXPECT_NE(message_of(npy_of(std::string(70000, ' '), "", 2)).find("at most 65536 bytes"), std::string::npos);
  EXPECT_NE(message_of("PK\x03\x04 something else").find("must start with"), std::string::npos);
  EXPECT_NE(
      message_of(npy_of("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "12345678", 9)).find("version"),
      std::string::npos);
}

}  // namespace
}  // namespace batchwise
