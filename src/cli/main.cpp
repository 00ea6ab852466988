// The program: runs one command and turns errors into one line and an exit code.
#include <csignal>
#include <exception>
#include <iostream>
#include <new>

#include <batchwise/error.h>

#include "cli/command_table.h"
#include "cli/exit_code.h"
#include "cli/version.h"

namespace batchwise {
namespace {

int run(const std::vector<std::string>& words) {
  require(!words.empty(), "batchwise", "a command must be given: see batchwise --help. Got none.");
  const std::string& first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    std::cout << program_help();
    return kDone;
  }
  if (first == "--version") {
    std::cout << "batchwise " << kVersion << "\n";
    return kDone;
  }
  require(!first.starts_with("-"), "batchwise", "the first word must be a command: see batchwise --help. Got \"", first,
          "\".");
  return command_named(first).run({words.begin() + 1, words.end()});
}

}  // namespace
}  // namespace batchwise

int main(int count, char** values) {
  using namespace batchwise;
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an error of writing, not a death without a word
  std::signal(SIGXFSZ, SIG_IGN);  // and so is a file that may not grow
  int code = kFailed;
  try {
    code = run({values + 1, values + count});
    std::cout.flush();
    if (!std::cout)
      fail_run("output",
               "results must be written to standard output. Got an error from it (is it closed, or its disk full?).");
  } catch (const Error& error) {
    code = exit_code(error.kind());
    std::cerr << error_line(error.what());
  } catch (const std::bad_alloc&) {
    code = kFailed;
    std::cerr << error_line(
        "[memory] the system must have memory for what lies outside the plan. Got an allocation that failed.");
  } catch (const std::exception& error) {
    code = kFailed;
    std::cerr << error_line(std::string("[batchwise] no other kind of error should get here. Got: ") + error.what());
  }
  return code;
}
