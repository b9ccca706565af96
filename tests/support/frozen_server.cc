#include "tests/support/frozen_server.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace kakunin {

FrozenServer::FrozenServer() {
  char folder[] = "/tmp/kakunin-frozen.XXXXXX";
  if (mkdtemp(folder) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = folder;
  socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  const std::string path = folder_ + "/.s.PGSQL.5432";
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(socket_, 16) != 0) {
    throw std::runtime_error("listen");
  }
}

FrozenServer::~FrozenServer() {
  close(socket_);
  unlink((folder_ + "/.s.PGSQL.5432").c_str());
  rmdir(folder_.c_str());
}

FrozenProcess::FrozenProcess(int pid) : pid_(pid) {
  if (kill(pid_, SIGSTOP) != 0) {
    throw std::runtime_error("cannot stop the server process: run the tests as its user or root");
  }
}

FrozenProcess::~FrozenProcess() { kill(pid_, SIGCONT); }

}  // namespace kakunin
