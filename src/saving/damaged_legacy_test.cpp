// Legacy .h5 files with every byte damaged are read or refused, in a child process: no crash, bounded memory and time.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/error.h>
#include <batchwise/model.h>

namespace batchwise {
namespace {

constexpr rlim_t kMemory = rlim_t{256} << 20;  // beyond what the test program has
constexpr rlim_t kSeconds = 10;                // of the processor: others may be busy

std::string bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

rlim_t address_space() {
  std::ifstream in("/proc/self/statm");
  rlim_t pages = 0;
  in >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

enum class Outcome { Read, Refused, Broken };

Outcome load_in_child(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit memory{address_space() + kMemory, address_space() + kMemory}, core{0, 0}, time{kSeconds, kSeconds};
    ::setrlimit(RLIMIT_AS, &memory);
    ::setrlimit(RLIMIT_CORE, &core);
    ::setrlimit(RLIMIT_CPU, &time);
    int code = 0;
    try {
      Model::load(path);
    } catch (const Error& error) { code = error.kind() == ErrorKind::Input ? 1 : 2; } catch (...) {
      code = 3;
    }
    ::_exit(code);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return Outcome::Broken;
  return WEXITSTATUS(status) == 0 ? Outcome::Read : Outcome::Refused;
}

// BATCHWISE_DAMAGE_STEP=1 tries all of them.
TEST(DamagedLegacyFile, IsReadOrRefusedWhicheverByteIsDamaged) {
  const std::string golden = BATCHWISE_SOURCE_DIR "/tests/golden/keras-files/";
  const std::string path =
      (std::filesystem::path(::testing::TempDir()) / ("bw_damaged_" + std::to_string(::getpid()) + ".h5")).string();
  const char* stated = std::getenv("BATCHWISE_DAMAGE_STEP");
  const size_t step = stated ? static_cast<size_t>(std::max(1, std::atoi(stated))) : 97;
  for (const char* name : {"legacy.h5", "multi.h5"}) {
    const std::string whole = bytes_of(golden + name);
    ASSERT_GT(whole.size(), 1000u);
    size_t refused = 0, tried = 0;
    for (size_t at = 0; at < whole.size(); at += step)
      for (const int change : {0x01, 0x80, 0xff}) {
        std::string bytes = whole;
        bytes[at] = static_cast<char>(bytes[at] ^ change);
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        const Outcome outcome = load_in_child(path);
        ++tried;
        refused += outcome == Outcome::Refused;
        EXPECT_NE(outcome, Outcome::Broken) << name << " with byte " << at << " changed by " << change;
      }
    EXPECT_GT(refused, tried / 20) << name;
  }
}

}  // namespace
}  // namespace batchwise
