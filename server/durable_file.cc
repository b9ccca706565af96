#include "server/durable_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

namespace kakunin {
namespace {

constexpr size_t kPiece = 1 << 20;

absl::Status Failed(const char* doing, const std::filesystem::path& path) {
  const int error = errno;
  const std::string what = fmt::format("cannot {} {}: {}", doing, path.string(), strerror(error));
  return error == ENOENT ? absl::NotFoundError(what) : absl::InternalError(what);
}

class File {
 public:
  File(const std::filesystem::path& path, int flags)
      : descriptor_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool ok() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }

  bool Write(std::string_view octets) const {
    while (!octets.empty()) {
      const ssize_t done = write(descriptor_, octets.data(), octets.size());
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) return false;
      octets.remove_prefix(static_cast<size_t>(done));
    }
    return true;
  }

  // Read fills the piece as far as the file goes; -1 when it cannot be read.
  ssize_t Read(std::vector<char>& piece) const {
    size_t filled = 0;
    while (filled < piece.size()) {
      const ssize_t got = read(descriptor_, piece.data() + filled, piece.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return -1;
      if (got == 0) break;
      filled += static_cast<size_t>(got);
    }
    return static_cast<ssize_t>(filled);
  }

 private:
  const int descriptor_;
};

absl::Status SyncFolder(const std::filesystem::path& folder) {
  const File opened(folder, O_RDONLY | O_DIRECTORY);
  if (!opened.ok() || fsync(opened.get()) != 0) return Failed("sync the folder", folder);
  return absl::OkStatus();
}

std::filesystem::path FolderOf(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

bool HoldSame(const std::filesystem::path& one, const std::filesystem::path& other) {
  const File first(one, O_RDONLY);
  const File second(other, O_RDONLY);
  if (!first.ok() || !second.ok()) return false;
  std::vector<char> a(kPiece);
  std::vector<char> b(kPiece);
  for (;;) {
    const ssize_t got = first.Read(a);
    if (got < 0 || second.Read(b) != got) return false;
    if (!std::equal(a.begin(), a.begin() + got, b.begin())) return false;
    if (got == 0) return true;
  }
}

absl::Status CopyOctets(const std::filesystem::path& from, const std::filesystem::path& to) {
  const File source(from, O_RDONLY);
  if (!source.ok()) return Failed("read", from);
  const File fresh(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!fresh.ok()) return Failed("write", to);
  std::vector<char> piece(kPiece);
  for (;;) {
    const ssize_t got = source.Read(piece);
    if (got < 0) return Failed("read", from);
    if (got == 0) break;
    if (!fresh.Write({piece.data(), static_cast<size_t>(got)})) return Failed("write", to);
  }
  if (fsync(fresh.get()) != 0) return Failed("sync", to);
  return absl::OkStatus();
}

}  // namespace

absl::Status ReplaceDurably(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path fresh = path.string() + ".new";
  {
    const File file(fresh, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok() || !file.Write(text)) return Failed("write", fresh);
    if (fsync(file.get()) != 0) return Failed("sync", fresh);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) return Failed("replace", path);
  return SyncFolder(FolderOf(path));
}

absl::Status RenameDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (rename(from.c_str(), to.c_str()) != 0) return Failed("rename", from);
  return SyncFolder(FolderOf(to));
}

absl::Status CopyDurably(const std::filesystem::path& from, const std::filesystem::path& to) {
  // Of this process alone: two that copy the same file at once do not write into each other's.
  const std::filesystem::path fresh = fmt::format("{}.{}.new", to.string(), getpid());
  absl::Status status = CopyOctets(from, fresh);
  // link() never replaces a file that is there, as rename() would.
  if (status.ok() && link(fresh.c_str(), to.c_str()) != 0) {
    if (errno != EEXIST) {
      status = Failed("write", to);
    } else if (!HoldSame(from, to)) {
      status = absl::AlreadyExistsError(
          fmt::format("{} is there with other content and is not overwritten", to.string()));
    }
  }
  unlink(fresh.c_str());
  if (!status.ok()) return status;
  return SyncFolder(FolderOf(to));
}

}  // namespace kakunin
