#include "server/client_authority_file.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "server/text_file.h"

namespace kakunin {

ClientAuthorityFile::ClientAuthorityFile(std::filesystem::path file,
                                         std::chrono::nanoseconds look_every)
    : file_(std::move(file)), look_every_(look_every) {}

absl::Status ClientAuthorityFile::Start() {
  absl::Status status = Reload();
  if (!status.ok()) return status;
  rounds_.emplace(look_every_, [this] {
    const absl::Status again = Reload();
    if (!again.ok()) {
      spdlog::error("the client CAs that are held stay: {}", std::string(again.message()));
    }
  });
  return absl::OkStatus();
}

absl::Status ClientAuthorityFile::Reload() {
  // Before the content is read: what is written meanwhile is seen by the next look.
  const FileVersion there = FileVersionOf(file_);
  if (there == read_ && current_.load(std::memory_order_acquire) != nullptr) {
    return absl::OkStatus();
  }
  auto pem = ReadTextFile(file_);
  // Written again as it was: others' verdicts are of this object, and go on to count.
  if (pem.ok() && *pem == pem_ && current_.load(std::memory_order_acquire) != nullptr) {
    read_ = there;
    return absl::OkStatus();
  }
  auto authorities =
      pem.ok() ? auth::ClientAuthorities::Read(*pem)
               : absl::StatusOr<std::shared_ptr<const auth::ClientAuthorities>>(pem.status());
  if (!authorities.ok()) {
    return absl::FailedPreconditionError(
        fmt::format("the client CA {} cannot be used, behind a proxy nobody would be judged: {}",
                    file_.string(), std::string(authorities.status().message())));
  }
  current_.store(*std::move(authorities), std::memory_order_release);
  pem_ = *std::move(pem);
  read_ = there;
  return absl::OkStatus();
}

}  // namespace kakunin
