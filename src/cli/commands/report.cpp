// batchwise report: one HTML file with the pictures of a run, a sweep or a tune.
#include <iostream>

#include <batchwise/error.h>

#include "base/atomic_file.h"
#include "cli/arguments.h"
#include "cli/commands/commands.h"
#include "cli/exit_code.h"
#include "cli/run_folder.h"
#include "report/html/report.h"

namespace batchwise {

int run_report(const std::vector<std::string>& words) {
  std::vector<std::string> runs;
  std::string out;
  bool compare = false;
  Arguments arguments(
      "report",
      "Write one HTML file, to be opened in any browser without a network: memory over the step, curves, noise scale,\n"
      "waits, the plan and the settings of a run; what a sweep or a tune measured and recommends. A run that is not\n"
      "finished has a report, too.",
      {"batchwise report runs/first", "batchwise report runs/first --out first.html",
       "batchwise report --compare runs/first runs/second runs/third"});
  arguments.words("RUN", runs, "The folder given to train, sweep or tune as --out");
  arguments.text("--out", out, "FILE.html", "The file to write; otherwise report.html in the folder");
  arguments.flag("--compare", compare, "Several runs over one another; otherwise written to compare.html in the first");
  if (!arguments.parse(words)) {
    std::cout << arguments.help();
    return kDone;
  }
  require(
      compare ? runs.size() >= 2 : runs.size() == 1, "report",
      compare ? "--compare takes at least two runs. Got " : "one RUN must be given, or several with --compare. Got ",
      runs.size(), ".");
  const RunFolder first(runs.front());
  if (out.empty()) out = compare ? first.comparison() : first.report();
  write_file_atomically(out, compare ? html_comparison(runs) : html_report(runs.front()));
  std::cout << out << "\n";
  return kDone;
}

}  // namespace batchwise
