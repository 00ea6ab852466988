// Facts of .csv data: quoting, line ends, headers, targets, and errors that name the line.
#include "data/sources/csv.h"

#include <cmath>

#include <gtest/gtest.h>

#include "data/temporary_folder_test.h"
#include "formats/csv/csv_records.h"

namespace batchwise {
namespace {

class Csv : public TemporaryFolder {
 protected:
  std::vector<std::vector<std::string>> records(const std::string& text) const {
    CsvRecords reader(write("r.csv", text));
    std::vector<std::vector<std::string>> all;
    while (reader.next()) all.push_back(reader.fields());
    return all;
  }
  std::string refusal(const std::string& text, const std::string& target = "") const {
    return message_of([&] { open_csv_data(write("bad.csv", text), target); });
  }
  static std::vector<float> floats(const Array& array) {
    return {array.values<float>().begin(), array.values<float>().end()};
  }
};

using Records = std::vector<std::vector<std::string>>;

TEST_F(Csv, RecordsFollowTheStandard) {
  EXPECT_EQ(records("a,b\n1,2\n"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(records("a,b\r\n1,2"), (Records{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(records("\xEF\xBB\xBF\"a \"\"b\"\",\n\",c\n"), (Records{{"a \"b\",\n", "c"}}));
  EXPECT_EQ(records("\n\na,,\n\n,\"\"\n\n"), (Records{{"a", "", ""}, {"", ""}}));
  EXPECT_EQ(records(""), Records{});
  const std::string big(200000, 'x');  // longer than what is read at a time
  EXPECT_EQ(records(big + "," + big + "\n1,2\n"), (Records{{big, big}, {"1", "2"}}));
}

TEST_F(Csv, BytesThatAreNoTextAreNamedByLine) {
  using std::string_literals::operator""s;
  for (const std::string& text : {"a,b\n1,2\n3,\0\n"s, "a,b\n1,2\n\"3\0\",4\n"s})
    EXPECT_NE(refusal(text).find("line 3: a .csv file must be text in UTF-8. Got a NUL byte"), std::string::npos);
}

TEST_F(Csv, TheTargetIsSplitFromTheInput) {
  const std::string text = "height,\"label, really\",width\n1.5,0,-2e3\n+3, 1 ,4\n";
  const Dataset data = open_csv_data(write("d.csv", text), "label, really");
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.input(0).shape, (Shape{2}));
  EXPECT_EQ(data.target(0).shape, Shape{});
  EXPECT_EQ(floats(data.read(0, 2).x[0]), (std::vector<float>{1.5f, -2000, 3, 4}));
  EXPECT_EQ(floats(data.read(0, 2).y[0]), (std::vector<float>{0, 1}));
}

TEST_F(Csv, WithoutAHeaderColumnsAreCountedFromZero) {
  const Dataset data = open_csv_data(write("d.csv", "1,2,3\n4,5,6\n"), "2");
  EXPECT_EQ(floats(data.read(0, 2).y[0]), (std::vector<float>{3, 6}));
  EXPECT_EQ(open_csv_data(write("d.csv", "1,2,3\n4,5,6\n"), "").input(0).shape, (Shape{3}));
}

TEST_F(Csv, ManyRowsComeBackInOrder) {
  std::string text = "a,b,c\n";
  for (int i = 0; i < 30000; ++i)
    text += std::to_string(i) + "," + std::to_string(i * 2) + "," + std::to_string(i % 7) + "\n";
  const Dataset data = open_csv_data(write("d.csv", text), "c");
  ASSERT_EQ(data.size(), 30000);
  const Batch all = data.read(0, 30000);
  for (int i = 0; i < 30000; ++i) {
    ASSERT_EQ(all.x[0].data<float>()[2 * i + 1], static_cast<float>(2 * i));
    ASSERT_EQ(all.y[0].data<float>()[i], static_cast<float>(i % 7));
  }
}

TEST_F(Csv, NaNIsKeptForTheRunToJudge) {
  EXPECT_TRUE(std::isnan(open_csv_data(write("d.csv", "a,b\nnan,1\n"), "b").read(0, 1).x[0].data<float>()[0]));
}

TEST_F(Csv, ErrorsNameTheLineAndTheColumn) {
  const auto says = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(says(refusal("a,b\n1,2\n3,x\n"), "line 3, \"b\": a field must be a number. Got \"x\""))
      << refusal("a,b\n1,2\n3,x\n");
  EXPECT_TRUE(says(refusal("a,b\n1,\n"), "line 2, \"b\""));
  EXPECT_TRUE(says(refusal("a,\"b\nc\"\n1,2,3\n"), "line 3: every record must have 2 fields. Got 3"));
  EXPECT_TRUE(says(refusal("a,b\n1,1e39\n"), "line 2"));
  EXPECT_TRUE(says(refusal("a,b\n1,\"2\n"), "line 2: a quoted field must be closed"));
  EXPECT_TRUE(says(refusal("a,b\n1,\"2\"3\n"), "after a closing quote"));
  EXPECT_TRUE(says(refusal("a,b\n1,2\"3\n"), "start of a field"));
  EXPECT_TRUE(says(refusal("a,b\n"), "at least one record"));
  EXPECT_TRUE(says(refusal(""), "at least one record"));
  EXPECT_TRUE(says(refusal("label,b\n1,2\n", "labels"), "Did you mean \"label\"?"));
  EXPECT_TRUE(says(refusal("1,2\n", "2"), "0 to 1"));
  EXPECT_TRUE(says(refusal("a\n1\n", "a"), "at least one column"));
  for (const char* target : {"b", "1", ""})
    EXPECT_TRUE(says(refusal("a;b\n1;2\n", target), "Fields are separated by commas.")) << target;
}

TEST_F(Csv, ARefusedFileLeavesNothingInTheCache) {
  EXPECT_NE(refusal("a,b\n1,2\n3,x\n"), "");
  EXPECT_TRUE(cache_files().empty());
}

}  // namespace
}  // namespace batchwise
