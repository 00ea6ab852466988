// Runs a program as a child process and tells what it printed and how it ended.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace batchwise {

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct ChildResult {
  int code = -1;  // exit code; 128 + signal when one ended it
  std::string out, err;
  std::string last_line() const {
    const size_t end = out.find_last_not_of('\n');
    if (end == std::string::npos) return "";
    const size_t start = out.rfind('\n', end);
    return out.substr(start == std::string::npos ? 0 : start + 1,
                      end - (start == std::string::npos ? 0 : start + 1) + 1);
  }
};

class Child {
 public:
  // `out_path`: where standard output goes instead of being kept.
  Child(const std::string& program, const std::vector<std::string>& words, const std::string& scratch,
        const std::string& out_path = "")
      : out_(scratch + "/child.out"), err_(scratch + "/child.err") {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const std::string& target = out_path.empty() ? out_ : out_path;
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) {
      const int out = ::open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666),
                err = ::open(err_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
      if (out < 0 || err < 0 || ::dup2(out, 1) < 0 || ::dup2(err, 2) < 0) ::_exit(126);
      ::execv(program.c_str(), argv.data());
      ::_exit(127);
    }
  }
  void send(int signal) {
    if (pid_ > 0) ::kill(pid_, signal);  // 0 would be this process and its kin
  }
  bool running() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
    return pid_ > 0;
  }
  ChildResult wait() {
    if (pid_ > 0 && ::waitpid(pid_, &status_, 0) != pid_) throw std::runtime_error("waitpid failed");
    pid_ = 0;
    return {WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_), text_of_file(out_),
            text_of_file(err_)};
  }
  ~Child() {
    if (running()) {
      send(SIGKILL);
      ::waitpid(pid_, &status_, 0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

 private:
  std::string out_, err_;
  pid_t pid_ = 0;
  int status_ = 0;
};

}  // namespace batchwise
