// Facts of .csv columns by name: their kinds, text and dates, targets of text, missing fields.
#include <batchwise/csv_dataset.h>

#include <gtest/gtest.h>

#include "data/temporary_folder_test.h"
#include "formats/csv/csv_fields.h"

namespace batchwise {
namespace {

constexpr char kPets[] =
    "name,kind,age,weight,born,adopted\n"
    "\"Rex, the dog\",dog,3,12.5,2021-03-01,yes\n"
    "Tom,cat,,4.25,2020-02-29 12:00,no\n"
    "Bea,dog,7,30,1969-12-31,yes\n";

class CsvColumns : public TemporaryFolder {
 protected:
  CsvDataset open(const CsvOptions& options, const std::string& text = kPets) const {
    return csv_dataset(write("pets.csv", text), options);
  }
  std::string refusal(const CsvOptions& options, const std::string& text = kPets) const {
    return message_of([&] { open(options, text); });
  }
  static bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

template <class T>
std::vector<T> values(const Array& array) {
  return {array.values<T>().begin(), array.values<T>().end()};
}

TEST_F(CsvColumns, AreInputsByNameOfTheKindThatTheirFieldsHave) {
  CsvDataset data =
      open({.inputs = {"kind", {"age", "integer", "-1"}, "weight", {"born", "date"}, "name"}, .targets = {"adopted"}});
  ASSERT_EQ(data.num_inputs(), 5);
  ASSERT_EQ(data.num_targets(), 1);
  EXPECT_EQ(data.input(0).name, "kind");
  EXPECT_EQ(data.class_names, (std::vector<std::vector<std::string>>{{"no", "yes"}}));
  const Batch all = data.read(0, 3);
  data = {};  // text lives with the arrays
  EXPECT_EQ(values<std::string_view>(all.x[0]), (std::vector<std::string_view>{"dog", "cat", "dog"}));
  EXPECT_EQ(values<int64_t>(all.x[1]), (std::vector<int64_t>{3, -1, 7}));
  EXPECT_EQ(values<float>(all.x[2]), (std::vector<float>{12.5f, 4.25f, 30}));
  EXPECT_EQ(values<double>(all.x[3]), (std::vector<double>{18687, 18321.5, -1}));
  EXPECT_EQ(values<std::string_view>(all.x[4]), (std::vector<std::string_view>{"Rex, the dog", "Tom", "Bea"}));
  EXPECT_EQ(values<int32_t>(all.y[0]), (std::vector<int32_t>{1, 0, 1}));
}

TEST_F(CsvColumns, WithoutNamesAreOneInputOfNumbers) {
  const std::string text = "a,b,label\n1,2,x\n3,4,y\n5,6,x\n";
  for (int again = 0; again < 2; ++again) {  // parsed, and from the cache
    const CsvDataset data = open({.targets = {"label"}}, text);
    EXPECT_EQ(data.input(0).shape, (Shape{2}));
    EXPECT_EQ(data.source().resident_bytes(), 0);
    const Batch all = data.read(0, 3);
    EXPECT_EQ(values<float>(all.x[0]), (std::vector<float>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(values<int32_t>(all.y[0]), (std::vector<int32_t>{0, 1, 0}));
  }
  EXPECT_TRUE(says(refusal({.targets = {"weight"}}), "line 2, \"name\": a field must be a number, unless"));
}

TEST_F(CsvColumns, FieldsThatAreMissingAreRefusedUnlessTheColumnSaysWhatStandsForThem) {
  EXPECT_TRUE(says(refusal({.inputs = {"age"}}), "line 3, \"age\": a field must not be missing. Got \"\""))
      << refusal({.inputs = {"age"}});
  EXPECT_EQ(values<float>(open({.inputs = {{"age", "", "4.5"}}}).read(0, 3).x[0]), (std::vector<float>{3, 4.5f, 7}));
  const std::string text = "a,b\n1,NA\n?,x\n";
  const CsvOptions options{.inputs = {{"a", "", "0"}, {"b", "text", "none"}}, .na_values = {"NA", "?"}};
  const Batch all = open(options, text).read(0, 2);
  EXPECT_EQ(values<float>(all.x[0]), (std::vector<float>{1, 0}));
  EXPECT_EQ(values<std::string_view>(all.x[1]), (std::vector<std::string_view>{"none", "x"}));
  // Without the name for it, "?" is a text like any other.
  EXPECT_EQ(values<std::string_view>(open({.inputs = {"a"}}, text).read(0, 2).x[0]),
            (std::vector<std::string_view>{"1", "?"}));
}

TEST_F(CsvColumns, TargetsOfTextAreNumberedAsOtherDataNamesThem) {
  const std::string text = "a,label\n1,red\n2,green\n3,red\n";
  const auto labels = [&](const std::vector<std::string>& names) {
    const CsvDataset data = open({.targets = {"label"}, .numbered_as = {names}}, text);
    EXPECT_EQ(data.class_names[0], names.empty() ? std::vector<std::string>({"green", "red"}) : names);
    return values<int32_t>(data.read(0, 3).y[0]);
  };
  EXPECT_EQ(labels({}), (std::vector<int32_t>{1, 0, 1}));
  EXPECT_EQ(labels({"blue", "green", "red"}), (std::vector<int32_t>{2, 1, 2}));  // not from the cache of the other
  EXPECT_EQ(labels({"red", "blue", "green"}), (std::vector<int32_t>{0, 2, 0}));
  const std::string refused = refusal({.targets = {"label"}, .numbered_as = {{"blue", "red"}}}, text);
  EXPECT_TRUE(says(refused,
                   "line 3, \"label\": a field must be one of the classes that labels are numbered by, \"blue\", "
                   "\"red\". Got \"green\""))
      << refused;
  EXPECT_EQ(values<int32_t>(open({.targets = {"k"}, .numbered_as = {{"1", "7", "a"}}}, "a,k\n1,7\n").read(0, 1).y[0]),
            std::vector<int32_t>{1});
}

TEST_F(CsvColumns, ErrorsNameTheLineTheColumnAndTheCure) {
  EXPECT_TRUE(says(refusal({.inputs = {"wieght"}}), "Did you mean \"weight\"?"));
  EXPECT_TRUE(says(refusal({.inputs = {{"weight", "integer"}}}),
                   "line 2, \"weight\": a field must be a whole number. Got \"12.5\""));
  EXPECT_TRUE(says(refusal({.inputs = {{"kind", "date"}}}), "line 2, \"kind\": a field must be a date"));
  EXPECT_TRUE(says(refusal({.inputs = {{"kind", "words"}}}), "kind must be"));
  EXPECT_TRUE(says(refusal({.inputs = {"kind"}, .targets = {"1"}}), "named once"));
  EXPECT_TRUE(says(refusal({.inputs = {"a"}}, "a,b\n1,2\n3\n"), "line 3: every record must have 2 fields. Got 1"));
  EXPECT_TRUE(says(refusal({.inputs = {"a"}}, "a,b\n"), "at least one record"));
  EXPECT_TRUE(says(refusal({.inputs = {"a"}}, ""), "header"));
}

TEST_F(CsvColumns, AChangedFileIsReadAnew) {
  EXPECT_EQ(open({.targets = {"label"}}, "a,label\n1,x\n").read(0, 1).x[0].data<float>()[0], 1);
  EXPECT_EQ(open({.targets = {"label"}}, "a,label\n25,x\n").read(0, 1).x[0].data<float>()[0], 25);
}

TEST(CsvFields, DatesAreThoseOfTheCalendar) {
  double days = 0;
  EXPECT_TRUE(parse_date(" 1970-01-01 ", &days));
  EXPECT_EQ(days, 0);
  EXPECT_TRUE(parse_date("2000-03-01T06:00:00.0Z", &days));
  EXPECT_EQ(days, 11017.25);
  for (const char* none : {"", "2024-2-1", "2023-02-29", "2024-13-01", "2024-01-01x", "2024-01-01 24:00",
                           "2024-01-01 1:00", "2024-01-01 10:00:61", "01/02/2024", "2024-01-01 10:00:00.x"})
    EXPECT_FALSE(parse_date(none, &days)) << none;
}

}  // namespace
}  // namespace batchwise
