#include "server/commands/session_file.h"

#include <system_error>

#include "auth/key_file.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr size_t kMostOctets = 256;

}  // namespace

absl::StatusOr<std::string> ReadSessionFile(const std::filesystem::path& path) {
  ASSIGN_OR_RETURN(std::string token, auth::ReadPrivateFile(path, kMostOctets));
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty() || token.find_first_of(" \t\r\n") != std::string::npos) {
    return absl::FailedPreconditionError(path.string() +
                                         " holds no session: log in with kakunin call login");
  }
  return token;
}

absl::Status WriteSessionFile(const std::filesystem::path& path, std::string_view token) {
  std::error_code failed;
  std::filesystem::remove(path, failed);
  return auth::WritePrivateFile(path, std::string(token) + "\n");
}

}  // namespace kakunin
