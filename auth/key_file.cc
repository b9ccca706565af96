#include "auth/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "auth/encoding.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMinKeyBytes = 32;
constexpr size_t kMaxKeyBytes = 64;
constexpr size_t kKeyIdDigits = 8;
constexpr std::string_view kKeyIdLabel = "kakunin key id";

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int value() const { return value_; }

 private:
  int value_;
};

std::string LastError() { return std::generic_category().message(errno); }

absl::Status CheckPrivate(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return absl::FailedPreconditionError(fmt::format("{} is no regular file", path));
  }
  if (status.st_uid != geteuid()) {
    return absl::FailedPreconditionError(fmt::format(
        "{} belongs to another user than this process; run: chown $(id -un) {}", path, path));
  }
  const mode_t mode = status.st_mode & 07777;
  if (mode != 0600 && mode != 0400) {
    return absl::FailedPreconditionError(fmt::format(
        "{} has mode {:04o}, others may be able to read it; run: chmod 600 {}", path, mode, path));
  }
  return absl::OkStatus();
}

std::optional<std::string> ReadAll(int descriptor, size_t size) {
  std::string content(size, '\0');
  size_t have = 0;
  while (have < size) {
    const ssize_t got = read(descriptor, content.data() + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<size_t>(got);
  }
  return content;
}

bool WriteAll(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = write(descriptor, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    content.remove_prefix(static_cast<size_t>(put));
  }
  return fsync(descriptor) == 0;
}

}  // namespace

std::string SecretKeyId(std::span<const uint8_t> key) {
  Sha256Stream stream;
  stream.Update(kKeyIdLabel);
  stream.Update(key);
  return HexEncode(stream.Finish()).substr(0, kKeyIdDigits);
}

absl::StatusOr<std::string> ReadPrivateFile(const std::filesystem::path& path, size_t max_bytes) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.value() < 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be opened: {}", path.string(), LastError()));
  }
  struct stat status {};
  if (fstat(file.value(), &status) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be examined: {}", path.string(), LastError()));
  }
  if (absl::Status checked = CheckPrivate(path.string(), status); !checked.ok()) return checked;
  const size_t size = static_cast<size_t>(status.st_size);
  if (size > max_bytes) {
    return absl::FailedPreconditionError(
        fmt::format("{} is above {} octets", path.string(), max_bytes));
  }
  std::optional<std::string> content = ReadAll(file.value(), size);
  if (!content) {
    return absl::FailedPreconditionError(fmt::format("{} cannot be read whole", path.string()));
  }
  return *std::move(content);
}

absl::Status WritePrivateFile(const std::filesystem::path& path, std::string_view content) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.value() < 0 && errno == EEXIST) {
    return absl::AlreadyExistsError(
        fmt::format("{} exists and is never overwritten", path.string()));
  }
  if (file.value() < 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be created: {}", path.string(), LastError()));
  }
  if (!WriteAll(file.value(), content)) {
    const std::string why = LastError();
    unlink(path.c_str());  // half a key is worse than none
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be written: {}", path.string(), why));
  }
  return absl::OkStatus();
}

absl::StatusOr<HmacKey> LoadSecretKey(const std::filesystem::path& path) {
  absl::StatusOr<std::string> key = ReadPrivateFile(path, kMaxKeyBytes);
  if (!key.ok()) {
    return absl::FailedPreconditionError(
        fmt::format("secret key file {}", std::string(key.status().message())));
  }
  if (key->size() < kMinKeyBytes) {
    return absl::FailedPreconditionError(
        fmt::format("secret key file {} has {} octets, {} to {} are needed", path.string(),
                    key->size(), kMinKeyBytes, kMaxKeyBytes));
  }
  return HmacKey(*key, SecretKeyId(AsBytes(*key)));
}

absl::Status GenerateSecretKey(const std::filesystem::path& path) {
  return WritePrivateFile(path, AsText(RandomArray<kSecretKeyBytes>()));
}

}  // namespace kakunin::auth
