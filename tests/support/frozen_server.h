#pragma once

#include <string>

namespace kakunin {

// FrozenServer listens on a PostgreSQL socket in a folder of its own, takes connections and never
// answers: what a client sees of a server that hangs.
class FrozenServer {
 public:
  FrozenServer();
  ~FrozenServer();
  FrozenServer(const FrozenServer&) = delete;
  FrozenServer& operator=(const FrozenServer&) = delete;

  // ConnInfo leads a client here.
  std::string ConnInfo() const { return "host=" + folder_ + " dbname=kakunin"; }

 private:
  std::string folder_;
  int socket_ = -1;
};

// FrozenProcess stops a process (SIGSTOP) for as long as it lives.
class FrozenProcess {
 public:
  explicit FrozenProcess(int pid);
  ~FrozenProcess();
  FrozenProcess(const FrozenProcess&) = delete;
  FrozenProcess& operator=(const FrozenProcess&) = delete;

 private:
  int pid_;
};

}  // namespace kakunin
