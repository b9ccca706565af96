#include <fmt/format.h>
#include <unistd.h>

#include <fstream>
#include <pqxx/pqxx>
#include <stdexcept>

#include "tests/faults/installation.h"

namespace kakunin::faults {
namespace {

// More than PostgreSQL writes while a test waits for it to run out of room by itself.
constexpr size_t kBallast = size_t{400} << 20;

void AsRoot(std::vector<std::string> command) {
  command[0] = "/usr/bin/" + command[0];
  if (geteuid() != 0) command.insert(command.begin(), {"/usr/bin/sudo", "-n"});
  const absl::Status status = dev::ChildProcess::Run(command).status();
  if (!status.ok()) throw std::runtime_error(std::string(status.message()));
}

}  // namespace

Installation::FullDisk::FullDisk(const Installation& installation, const std::string& folder)
    : installation_(installation),
      folder_(installation.sandbox_.paths().root() / "pg" / "data" / folder),
      disk_(installation.sandbox_.paths().root() / "pg" / "disk") {
  installation_.StopDatabase();
  std::filesystem::create_directory(disk_);
  // Room for what is there after a long load, and some more.
  uintmax_t octets = kBallast;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (entry.is_regular_file()) octets += entry.file_size();
  }
  AsRoot({"mount", "-t", "tmpfs", "-o", fmt::format("size={},mode=0777", octets), "kakunin-faults",
          disk_});
  try {
    AsRoot({"cp", "-a", folder_, disk_ / "moved"});
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory_symlink(disk_ / "moved", folder_);
    installation_.StartDatabase();
  } catch (...) {
    AsRoot({"umount", "--lazy", disk_});
    throw;
  }
}

Installation::FullDisk::~FullDisk() {
  try {
    installation_.StopDatabase();
    std::filesystem::remove(folder_);
    AsRoot({"cp", "-a", disk_ / "moved", folder_});
    AsRoot({"umount", disk_});
    installation_.StartDatabase();
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{} may be mounted still: {}\n", disk_.string(), failure.what());
  }
}

// As much as there is room for: the last octets fail. PostgreSQL gives room back meanwhile, of
// temporary tables for one, so that it is filled again.
void Installation::FullDisk::RunOut() const {
  constexpr int kTries = 100;
  const std::string more(2 * kBallast, 'x');
  for (int tries = 0; tries < kTries; ++tries) {
    std::ofstream(disk_ / "ballast", std::ios::app) << more;
    if (std::filesystem::space(disk_).available == 0) return;
  }
  throw std::runtime_error("there is room left");
}

void Installation::FullDisk::AwaitEnd() const {
  const pid_t postmaster = installation_.Postmaster();
  try {
    pqxx::connection database(installation_.database_info());
    for (;;) {
      pqxx::nontransaction(database).exec(
          "SELECT pg_logical_emit_message(false, 'faults', 'full'),"
          " pg_switch_wal()");
    }
  } catch (const pqxx::failure&) {
    // It cannot go on without room, nor recover.
    AwaitProcessEnd(postmaster);
  }
}

void Installation::FullDisk::MakeRoom() const { std::filesystem::remove(disk_ / "ballast"); }

}  // namespace kakunin::faults
