// The commands of the program: one line each.
#pragma once

#include <string>
#include <vector>

namespace batchwise {

struct Command {
  const char* name;
  const char* help;                                   // one line
  int (*run)(const std::vector<std::string>& words);  // the words after the name -> exit code; throws
};

const std::vector<Command>& commands();

// Throws for an unknown name, suggesting the nearest.
const Command& command_named(const std::string& name);

// Usage of the program and of all its commands.
std::string program_help();

}  // namespace batchwise
