#include "server/bench/process_usage.h"

#include <dirent.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace kakunin::bench {
namespace {

using std::chrono::nanoseconds;

// Ancestry is what /proc/PID/stat says of a process' parent and of its children that have ended.
struct Ancestry {
  pid_t parent = 0;
  unsigned long long children_ticks = 0;
};

Ancestry AncestryOf(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  // The name in parentheses may hold anything, parentheses included.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return {};
  Ancestry found;
  unsigned long long user = 0;
  unsigned long long system = 0;
  const int fields = std::sscanf(line.c_str() + name_end + 1,
                                 " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %llu %llu",
                                 &found.parent, &user, &system);
  found.children_ticks = user + system;
  return fields == 3 ? found : Ancestry{};
}

}  // namespace

nanoseconds CpuOfProcess(pid_t pid) {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return {};
  return std::chrono::seconds(used.tv_sec) + nanoseconds(used.tv_nsec);
}

nanoseconds CpuOfCluster(pid_t postmaster) {
  const auto ticks = AncestryOf(postmaster).children_ticks;
  nanoseconds sum =
      CpuOfProcess(postmaster) +
      nanoseconds(ticks * 1'000'000'000ull / static_cast<unsigned long long>(sysconf(_SC_CLK_TCK)));
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return sum;
  while (const dirent* entry = readdir(folder)) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid > 0 && AncestryOf(pid).parent == postmaster) sum += CpuOfProcess(pid);
  }
  closedir(folder);
  return sum;
}

int64_t ResidentOctets(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    long long kibibytes = 0;
    if (std::sscanf(line.c_str(), "VmRSS: %lld kB", &kibibytes) == 1) return kibibytes * 1024;
  }
  return 0;
}

}  // namespace kakunin::bench
