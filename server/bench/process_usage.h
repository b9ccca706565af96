#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace kakunin::bench {

// CpuOfProcess is the CPU time of a process and all its threads so far, those that have ended
// included, as the kernel's scheduler counts it; zero when there is no such process.
std::chrono::nanoseconds CpuOfProcess(pid_t pid);

// CpuOfCluster is the CPU time of a PostgreSQL cluster so far: its postmaster, everything that it
// has started and is still there (backends, WAL writer, checkpointer, autovacuum), and, to the
// kernel's tick, what has ended.
std::chrono::nanoseconds CpuOfCluster(pid_t postmaster);

// ResidentOctets is how much memory a process holds (VmRSS); 0 when there is no such process.
int64_t ResidentOctets(pid_t pid);

}  // namespace kakunin::bench
