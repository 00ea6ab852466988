// Facts of the first record of .csv files: names of columns, or a sample.
#include "data/sources/csv_header.h"

#include <gtest/gtest.h>

#include "data/open_data.h"
#include "data/temporary_folder_test.h"

namespace batchwise {
namespace {

class CsvHeader : public TemporaryFolder {
 protected:
  bool header(const std::string& text, const std::string& target = "") const {
    return csv_has_header(write("d.csv", text), target);
  }
  int64_t samples(const std::string& text, const std::string& target) const {
    return open_data(write("d.csv", text), {.target = target}).size();
  }
};

constexpr char kFlowers[] = "5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n";

TEST_F(CsvHeader, IsARecordWithTextThatDoesNotComeBack) {
  EXPECT_FALSE(header("1,2\n3,4\n"));
  EXPECT_TRUE(header("a,b\n3,4\n"));
  EXPECT_TRUE(header("a,2019\n3,4\n"));
  EXPECT_TRUE(header("country,2019\nFrance,4\n", "2019"));
  EXPECT_TRUE(header("a,label\n3,x\n4,x\n", "1"));
  EXPECT_FALSE(header("3,b\n4,1\n5,b\n", "1")) << "a class is called 1";
  EXPECT_TRUE(header(",0,1\n0,5,6\n")) << "an index without a name, and columns called 0 and 1";
  EXPECT_FALSE(header(kFlowers, "2"));
  EXPECT_FALSE(header("good film,pos\nbad film,neg\nfine film,pos\n", "1"));
  EXPECT_FALSE(header("1,,3\n4,5,6\n")) << "a field is missing, none is a name";
  EXPECT_TRUE(header("a,1\n"));
}

TEST_F(CsvHeader, NumbersBesideTextOverTheSameAreAskedAbout) {
  const std::string told = message_of([&] { header("country,2019\nFrance,4\nSpain,5\n", "0"); });
  EXPECT_NE(told.find("must be plain whether the first line names the columns"), std::string::npos) << told;
  EXPECT_NE(message_of([&] { header("1,x\n2,\n?,y\n"); }), "") << "fields that are missing or odd tell nothing";
  EXPECT_NE(message_of([&] { header("5.1,setosa\n6,virginica\n", "1"); }), "");
}

TEST_F(CsvHeader, IsWhatTheInputsOfTheModelAreCalledAfter) {
  const DataOptions inputs{.input_names = {"country", "2019"}, .input_dtypes = {DType::String, DType::Float32}};
  EXPECT_EQ(open_data(write("d.csv", "country,2019\nFrance,4\nSpain,5\n"), inputs).size(), 2);
}

TEST_F(CsvHeader, NoSampleIsLostWithoutOne) {
  EXPECT_EQ(samples(kFlowers, "2"), 3);
  std::vector<std::string> names;
  const Dataset flowers = open_data(write("d.csv", kFlowers), {.target = "2", .class_names = &names});
  EXPECT_EQ(names, (std::vector<std::string>{"setosa", "virginica"}));
  EXPECT_EQ(flowers.input(0).shape, (Shape{2}));
  EXPECT_EQ(flowers.read(0, 1).x[0].data<float>()[0], 5.1f);
  EXPECT_EQ(flowers.read(2, 1).y[0].data<int32_t>()[0], 1);
  // With one, the same columns are the same samples.
  EXPECT_EQ(samples("a,b,kind\n" + std::string(kFlowers), "2"), 3);
}

TEST_F(CsvHeader, ATargetIsTextWhereHalfOfItIs) {
  EXPECT_EQ(samples("a,k\n1,1\n2,b\n", "k"), 2);
  const std::string told = message_of([&] { samples("a,k\n1,?\n2,3\n3,4\n", "k"); });
  EXPECT_NE(told.find("line 2, \"k\": a field must be a number. Got \"?\""), std::string::npos) << told;
}

}  // namespace
}  // namespace batchwise
