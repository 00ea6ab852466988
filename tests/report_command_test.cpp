// batchwise report as its users meet it: where the file goes, and what is refused.
#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

TEST_F(Cli, ReportWritesOneFileIntoTheFolderOfTheRun) {
  const std::string out = folder + "/run";
  ASSERT_EQ(run(train({"--out", out, "--validation-split", "0.1"})).code, 0);
  const ChildResult result = run({"report", out});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, out + "/report.html\n");
  const std::string page = text_of_file(out + "/report.html");
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  for (const char* part :
       {"mlp on data.npz", "finished", "by updates", "Memory over one step, as planned", "forward dense"})
    EXPECT_NE(page.find(part), std::string::npos) << part;

  // Nothing of the run changes, and the run that replaces it takes the report away.
  const ChildResult again = run({"resume", out, "--json"});
  EXPECT_EQ(again.code, 0) << again.err;
  ASSERT_EQ(run(train({"--out", out, "--overwrite"})).code, 0);
  EXPECT_FALSE(fs::exists(out + "/report.html"));
}

TEST_F(Cli, ReportOfRunsOverOneAnotherGoesIntoTheFirst) {
  for (const char* name : {"/a", "/b"}) ASSERT_EQ(run(train({"--out", folder + name})).code, 0);
  const ChildResult result = run({"report", "--compare", folder + "/a", folder + "/b"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out, folder + "/a/compare.html\n");
  EXPECT_NE(text_of_file(folder + "/a/compare.html").find("Side by side"), std::string::npos);
  EXPECT_EQ(run({"report", folder + "/a", "--compare", folder + "/b", "--out", folder + "/c.html"}).code, 0);
  EXPECT_TRUE(fs::exists(folder + "/c.html"));
}

TEST_F(Cli, ReportRefusesWhatHoldsNothingToTell) {
  expect_error(run({"report"}), 2, "RUN must be given");
  expect_error(run({"report", folder}), 2, "must hold a run (run.json), a sweep (sweep.json) or a tune (tune.json)");
  expect_error(run({"report", data}), 2, "Got something else.");
  expect_error(run({"report", folder + "/missing"}), 2, "a path that does not exist");
  expect_error(run({"report", folder, folder}), 2, "--compare");
  expect_error(run({"report", "--compare", folder}), 2, "at least two runs");
  ASSERT_EQ(run(train({"--out", folder + "/run"})).code, 0);
  EXPECT_EQ(run({"report", folder + "/run", "--out", "/dev/null"}).code, 2) << "a device is never renamed over";
}

}  // namespace
}  // namespace batchwise
