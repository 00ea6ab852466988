// The options of one command: declared, parsed, explained.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace batchwise {

// Values are written to the references given. What breaks a rule throws Error(Input) naming the option, the rule and
// the value; an unknown option also the nearest one.
class Arguments {
 public:
  // `examples`: lines shown at the end of --help.
  Arguments(const std::string& command, const std::string& help, const std::vector<std::string>& examples);
  ~Arguments();

  void positional(const std::string& name, std::string& value, const std::string& help, bool required = true);
  void words(const std::string& name, std::vector<std::string>& values, const std::string& help);  // one or several
  void text(const std::string& option, std::string& value, const std::string& shown, const std::string& help,
            bool required = false);
  void integer(const std::string& option, int64_t& value, int64_t least, const std::string& help, bool required = false,
               int64_t most = kAnyInteger);
  void integers(const std::string& option, std::vector<int64_t>& values, int64_t least, const std::string& help,
                bool required = false, int64_t most = kAnyInteger);
  void seed(const std::string& option, uint64_t& value, const std::string& help);
  void number(const std::string& option, std::optional<double>& value, const std::string& help);
  void numbers(const std::string& option, std::vector<double>& values, const std::string& help);
  void size(const std::string& option, int64_t& bytes, const std::string& help);
  void time(const std::string& option, double& seconds, const std::string& help);
  void names(const std::string& option, std::vector<std::string>& values, const std::string& help);
  void flag(const std::string& option, bool& value, const std::string& help);
  void excludes(const std::string& option, const std::string& other);
  void needs(const std::string& option, const std::string& other);

  static constexpr int64_t kAnyInteger = std::numeric_limits<int64_t>::max();
  static constexpr int64_t kMostLanes = 4096, kMostSamples = int64_t{1} << 40;  // of a batch

  // False: --help was asked for and `help()` is to be shown. `words` come after the command's name.
  bool parse(const std::vector<std::string>& words);
  bool given(const std::string& option) const;
  std::string help() const;

 private:
  void refuse_unknown(const std::vector<std::string>& words) const;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace batchwise
