// The manual page and the completions against the program's own help: the same commands, options and models.
#include <algorithm>
#include <cctype>
#include <regex>
#include <set>

#include "tests/cli_fixture.h"

namespace batchwise {
namespace {

using Names = std::set<std::string>;

// What lies between the two; "": `from` is nowhere.
std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const size_t start = text.find(from);
  if (start == std::string::npos) return "";
  const size_t first = start + from.size();
  return text.substr(first, std::min(text.find(to, first), text.size()) - first);
}

Names found(const std::string& text, const std::string& pattern) {
  Names names;
  const std::regex expression(pattern);
  for (std::sregex_iterator at(text.begin(), text.end(), expression), end; at != end; ++at) names.insert((*at)[1]);
  names.erase("--help");
  return names;
}

Names options_in(const std::string& text) { return found(text, "(--[a-z][a-z-]*)"); }
Names words_in(const std::string& text) { return found(text, "([a-z0-9]+)"); }

Names with(Names some, const Names& more) {
  some.insert(more.begin(), more.end());
  return some;
}

struct CliManual : Cli {
  void SetUp() override {
    Cli::SetUp();
    std::erase(manual, '\\');
    all = run({"--help"}).out;
    commands = found("\n" + between(all, "\nCommands:\n", "\n\n"), "\n  ([a-z]+)");
    models = found("\n" + between(all, "built-in name\n", "\n\n"), "\n  ([a-z0-9]+)");
  }
  Names options_of(const std::string& command) { return found(run({command, "--help"}).out, "\n  (--[a-z][a-z-]*)"); }

  // The options of a section, and those of other sections that it takes in.
  Names in_manual(const std::string& section) const {
    const std::string text = between(manual, ".SH OPTIONS OF " + section + "\n", "\n.SH ");
    Names names;
    for (size_t at = text.find(".TP\n"); at != std::string::npos; at = text.find(".TP\n", at + 1))
      names = with(names, options_in(between(text.substr(at), ".TP\n", "\n")));
    if (text.find("Those of the data") != std::string::npos) names = with(names, in_manual("THE DATA"));
    if (text.find("Those of train but") == std::string::npos) return names;
    Names taken = in_manual("TRAIN");
    for (const std::string& option : options_in(between(text, "Those of train but", "and:")))
      EXPECT_EQ(taken.erase(option), 1u) << section << " leaves out what train has not: " << option;
    return with(names, taken);
  }
  Names in_bash(const std::string& command) const {
    return options_in(between(bash, "\n    " + command + ") options=\"", "\""));
  }
  Names in_zsh(const std::string& command) const {
    const auto options = [](const std::string& text) { return found(text, "'(--[a-z][a-z-]*)\\["); };
    const std::string text = between(zsh, "\n  " + command + ")", ";;");
    Names names = options(text);
    for (const std::string shared : {"budget", "data"})
      if (text.find("$" + shared) != std::string::npos)
        names = with(names, options(between(zsh, "\n" + shared + "=(", ")\n")));
    return names;
  }

  const std::string bash = text_of_file(BATCHWISE_SOURCE_DIR "/share/completions/batchwise.bash");
  const std::string zsh = text_of_file(BATCHWISE_SOURCE_DIR "/share/completions/_batchwise");
  std::string manual = text_of_file(BATCHWISE_SOURCE_DIR "/share/man/batchwise.1"), all;
  Names commands, models;
};

TEST_F(CliManual, CompletionsAndManualKnowEveryCommand) {
  ASSERT_GE(commands.size(), 11u) << all;
  EXPECT_EQ(words_in(between(bash, "compgen -W \"", " --help")), commands);
  EXPECT_EQ(found(between(zsh, "commands=(", "\n  _describe"), "'([a-z]+):"), commands);
  EXPECT_EQ(found(between(manual, ".SH SYNOPSIS", ".SH DESCRIPTION"), ".B batchwise ([a-z]+)"), commands);
}

TEST_F(CliManual, CompletionsKnowEveryOptimizer) {
  std::string listed = between(run({"supported"}).out, "## Optimizers\n\n", "\n\n");
  std::transform(listed.begin(), listed.end(), listed.begin(), [](unsigned char c) { return std::tolower(c); });
  const Names optimizers = words_in(listed);
  ASSERT_GE(optimizers.size(), 14u) << listed;
  EXPECT_EQ(words_in(between(bash, "--optimizer) COMPREPLY=($(compgen -W \"", "\"")), optimizers);
  size_t lists = 0;
  const std::string before = "--optimizer[instead of the file'\\''s]:name:(";
  for (size_t at = zsh.find(before); at != std::string::npos; at = zsh.find(before, at + 1), ++lists)
    EXPECT_EQ(words_in(between(zsh.substr(at), before, ")")), optimizers);
  EXPECT_EQ(lists, 3u);
}

TEST_F(CliManual, CompletionsAndManualKnowTheOptionsOfEachCommandAndNoOthers) {
  size_t options = 0;
  for (const std::string& command : commands) {
    SCOPED_TRACE(command);
    const Names wanted = options_of(command);
    options += wanted.size();
    EXPECT_EQ(in_bash(command), wanted);
    EXPECT_EQ(in_zsh(command), wanted);
    std::string section = command;
    for (char& c : section) c = static_cast<char>(c - 'a' + 'A');
    EXPECT_EQ(in_manual(section), wanted);
  }
  EXPECT_GE(options, 190u);
}

TEST_F(CliManual, CompletionsAndManualKnowEveryModel) {
  ASSERT_GE(models.size(), 16u) << all;
  EXPECT_EQ(words_in(between(zsh, "built-in model:(", ")")), models);
  EXPECT_EQ(words_in(between(bash, "train | plan | sweep | tune) if [ \"$COMP_CWORD\" -eq 2 ]; then names=\"", "\"")),
            models);
  EXPECT_EQ(words_in(between(manual, "or one of the built-in names\n.BR ", "\n.I DATA")), models);
}

}  // namespace
}  // namespace batchwise
