// Parsing of options, on top of CLI11.
#include "cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <CLI/CLI.hpp>

#include <batchwise/byte_size.h>
#include <batchwise/error.h>
#include <batchwise/registry.h>

#include "cli/time_choice.h"

namespace batchwise {
namespace {

template <class T>
bool read_whole(const std::string& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

int64_t read_integer(const std::string& option, const std::string& text, int64_t least, int64_t most) {
  int64_t value = 0;
  require(read_whole(text, value) && value >= least, option, "the value must be a whole number of at least ", least,
          ". Got \"", text, "\".");
  require(value <= most, option, "the value must be at most ", most, ". Got ", value, ".");
  return value;
}

std::vector<std::string> split(const std::string& option, const std::string& text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    parts.push_back(text.substr(at, comma - at));
    require(!parts.back().empty(), option, "the value must be a list with commas and without spaces. Got \"", text,
            "\".");
    at = comma + 1;
  }
  return parts;
}

}  // namespace

struct Arguments::Impl {
  std::string command;
  CLI::App app;
  std::vector<std::string> required;  // options: checked here, for messages of one pattern

  CLI::Option* add(const std::string& option, const std::string& shown, const std::string& help, bool needed,
                   std::function<void(const std::string&)> read) {
    if (needed) required.push_back(option);
    auto* added = app.add_option_function<std::string>(option, std::move(read), help);
    added->type_name(needed ? shown + " (required)" : shown);
    return added;
  }
};

Arguments::Arguments(const std::string& command, const std::string& help, const std::vector<std::string>& examples)
    : impl_(std::make_unique<Impl>()) {
  impl_->command = command;
  impl_->app.name("batchwise " + command);
  impl_->app.description(help);
  impl_->app.set_help_flag("-h,--help", "Show this help");
  impl_->app.get_formatter()->column_width(34);
  std::string footer = "Examples:";
  for (const std::string& example : examples) footer += "\n  " + example;
  impl_->app.footer(footer);
}

Arguments::~Arguments() = default;

void Arguments::positional(const std::string& name, std::string& value, const std::string& help, bool required) {
  if (required) impl_->required.push_back(name);
  impl_->app.add_option(name, value, help)->type_name("");
}

void Arguments::words(const std::string& name, std::vector<std::string>& values, const std::string& help) {
  impl_->required.push_back(name);
  impl_->app.add_option(name, values, help)->type_name("");
}

void Arguments::text(const std::string& option, std::string& value, const std::string& shown, const std::string& help,
                     bool required) {
  impl_->add(option, shown, help, required, [&value, option](const std::string& text) {
    require(!text.empty(), option, "the value must not be empty. Got \"\".");
    value = text;
  });
}

void Arguments::integer(const std::string& option, int64_t& value, int64_t least, const std::string& help,
                        bool required, int64_t most) {
  impl_->add(option, "N", help, required, [&value, option, least, most](const std::string& text) {
    value = read_integer(option, text, least, most);
  });
}

void Arguments::integers(const std::string& option, std::vector<int64_t>& values, int64_t least,
                         const std::string& help, bool required, int64_t most) {
  impl_->add(option, "N,N,...", help, required, [&values, option, least, most](const std::string& text) {
    values.clear();
    for (const std::string& part : split(option, text)) values.push_back(read_integer(option, part, least, most));
  });
}

void Arguments::seed(const std::string& option, uint64_t& value, const std::string& help) {
  impl_->add(option, "N", help, false, [&value, option](const std::string& text) {
    require(read_whole(text, value), option, "the value must be a whole number from 0 to 2^64 - 1. Got \"", text,
            "\".");
  });
}

void Arguments::numbers(const std::string& option, std::vector<double>& values, const std::string& help) {
  impl_->add(option, "F,F,...", help, false, [&values, option](const std::string& text) {
    values.clear();
    for (const std::string& part : split(option, text)) {
      values.push_back(0);
      require(read_whole(part, values.back()) && std::isfinite(values.back()), option,
              "the value must be a list of numbers with commas. Got \"", text, "\".");
    }
  });
}

void Arguments::number(const std::string& option, std::optional<double>& value, const std::string& help) {
  impl_->add(option, "F", help, false, [&value, option](const std::string& text) {
    double read = 0;
    require(read_whole(text, read) && std::isfinite(read), option, "the value must be a number. Got \"", text, "\".");
    value = read;
  });
}

void Arguments::size(const std::string& option, int64_t& bytes, const std::string& help) {
  impl_->add(option, "SIZE", help, false, [&bytes, option](const std::string& text) {
    int64_t read = 0;
    try {
      read = parse_byte_size(text);
    } catch (const Error&) {}
    require(read > 0, option, "a size is a positive number with K, M, G or T, such as 64M, 1.5GiB or 4096. Got \"",
            text, "\".");
    bytes = read;
  });
}

void Arguments::time(const std::string& option, double& seconds, const std::string& help) {
  impl_->add(option, "90s|10min|1h", help, false,
             [&seconds, option](const std::string& text) { seconds = read_time(option, text); });
}

void Arguments::names(const std::string& option, std::vector<std::string>& values, const std::string& help) {
  impl_->add(option, "A,B,...", help, false,
             [&values, option](const std::string& text) { values = split(option, text); });
}

void Arguments::flag(const std::string& option, bool& value, const std::string& help) {
  impl_->app.add_flag(option, value, help);
}

void Arguments::excludes(const std::string& option, const std::string& other) {
  impl_->app.get_option(option)->excludes(impl_->app.get_option(other));
}
void Arguments::needs(const std::string& option, const std::string& other) {
  impl_->app.get_option(option)->needs(impl_->app.get_option(other));
}

void Arguments::refuse_unknown(const std::vector<std::string>& words) const {
  std::vector<std::string> known;
  for (const CLI::Option* option : impl_->app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (const std::string& word : words) {
    if (word == "--") return;
    if (!word.starts_with("--")) continue;
    const std::string name = word.substr(0, word.find('='));
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest_name(name, known);
    fail(impl_->command, "the option must be one of this command's: see batchwise ", impl_->command, " --help. Got \"",
         name, "\".", near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
}

bool Arguments::parse(const std::vector<std::string>& words) {
  refuse_unknown(words);
  std::vector<std::string> reversed(words.rbegin(), words.rend());  // the order that CLI11 takes
  try {
    impl_->app.parse(reversed);
  } catch (const CLI::CallForHelp&) { return false; } catch (const CLI::ParseError& error) {
    fail(impl_->command, "the arguments must follow the usage: see batchwise ", impl_->command,
         " --help. Got a mistake: ", error.what(), ".");
  }
  for (const std::string& name : impl_->required)
    require(given(name), impl_->command, name, " must be given: see batchwise ", impl_->command, " --help. Got no ",
            name, ".");
  return true;
}

bool Arguments::given(const std::string& option) const { return impl_->app.get_option(option)->count() > 0; }

std::string Arguments::help() const {
  std::string text = impl_->app.help();
  // Required arguments are checked here, so CLI11 shows them as if they could be left out.
  for (const std::string& name : impl_->required)
    if (const size_t at = text.find("[" + name + "]"); at != std::string::npos) text.replace(at, name.size() + 2, name);
  return text;
}

}  // namespace batchwise
