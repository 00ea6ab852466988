// The report of a folder.
#include "report/html/report.h"

#include <filesystem>

#include <batchwise/error.h>

#include "report/html/compare_page.h"
#include "report/html/run_page.h"
#include "report/html/sweep_page.h"
#include "report/html/tune_page.h"

namespace batchwise {
namespace {

namespace fs = std::filesystem;

void require_folder(const std::string& path) {
  std::error_code error;
  require(fs::is_directory(path, error), path, "a report is made of the folder of a run, a sweep or a tune. Got ",
          fs::exists(path, error) ? "something else." : "a path that does not exist.");
}

}  // namespace

std::string html_report(const std::string& folder) {
  require_folder(folder);
  std::error_code error;
  if (fs::exists(folder + "/sweep.json", error)) return page_html(sweep_page(read_sweep(folder)));
  if (is_tune_folder(folder)) return page_html(tune_page(folder));
  require(is_run_folder(folder), folder,
          "the folder must hold a run (run.json), a sweep (sweep.json) or a tune (tune.json). Got none of them.");
  return page_html(run_page(read_run(folder)));
}

std::string html_comparison(const std::vector<std::string>& runs) {
  std::vector<RunReading> read;
  for (const std::string& run : runs) {
    require_folder(run);
    require(is_run_folder(run), run, "runs are compared, each a folder with run.json. Got one without.");
    read.push_back(read_run(run));
  }
  return page_html(compare_page(read));
}

}  // namespace batchwise
