#include "server/audit_head_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "auth/digest.h"
#include "auth/encoding.h"
#include "server/durable_file.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

constexpr std::string_view kFirstLine = "kakunin audit head 1";
constexpr std::string_view kHead = "head";
constexpr std::string_view kAccepted = "accepted";
constexpr std::string_view kAlarm = "alarm";
constexpr std::string_view kDigest = "digest ";

// Takes the next word of a line; the last takes what is left when it is asked for the rest.
std::string_view Word(std::string_view& line) {
  const size_t end = line.find(' ');
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return word;
}

std::optional<int64_t> Number(std::string_view word) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::optional<SeenHead> HeadOf(std::string_view line) {
  const auto id = AuditIdFromText(Word(line));
  const auto at = Number(Word(line));
  const auto hash = auth::HexDecode(line);
  SeenHead head;
  if (!id || !at || !hash || hash->size() != head.hash.size()) return std::nullopt;
  head.id = *id;
  head.at = absl::FromUnixMicros(*at);
  std::memcpy(head.hash.data(), hash->data(), hash->size());
  return head;
}

std::optional<Acceptance> AcceptanceOf(std::string_view line) {
  const auto at = Number(Word(line));
  const auto given_up = Number(Word(line));
  const std::string_view by = Word(line);
  if (!at || !given_up || by.empty()) return std::nullopt;
  return Acceptance{.at = absl::FromUnixMicros(*at),
                    .given_up = *given_up,
                    .by = std::string(by),
                    .reason = std::string(line)};
}

// Locks a file beside the kept one, which a rename would replace; `busy` when another has it.
absl::StatusOr<FileLock> LockBeside(const std::filesystem::path& path, const char* suffix,
                                    bool wait, const absl::Status& busy) {
  const std::string lock = path.string() + suffix;
  const int descriptor = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::FailedPreconditionError(fmt::format(
        "[audit] last_seen_head: cannot write {}: {}; let the server's user own the folder", lock,
        strerror(errno)));
  }
  FileLock taken(descriptor);
  if (flock(descriptor, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0) return busy;
  return taken;
}

std::string DigestLine(std::string_view text) {
  return fmt::format("{}{}\n", kDigest, auth::HexEncode(auth::Sha256(text)));
}

}  // namespace

std::string AuditHeadText(const KeptAuditHead& kept) {
  std::string text = fmt::format("{}\n", kFirstLine);
  if (kept.alarm) text += fmt::format("{}\n", kAlarm);
  for (const Acceptance& one : kept.accepted) {
    text += fmt::format("{} {} {} {} {}\n", kAccepted, absl::ToUnixMicros(one.at), one.given_up,
                        one.by, one.reason);
  }
  for (const SeenHead& head : kept.heads) {
    text += fmt::format("{} {} {} {}\n", kHead, AuditIdText(head.id), absl::ToUnixMicros(head.at),
                        auth::HexEncode(head.hash));
  }
  return text + DigestLine(text);
}

absl::StatusOr<KeptAuditHead> ParseAuditHead(std::string_view text) {
  const absl::Status broken = absl::DataLossError("it is not whole");
  const size_t digest = text.rfind(kDigest);
  if (digest == std::string_view::npos ||
      text.substr(digest) != DigestLine(text.substr(0, digest))) {
    return broken;
  }
  text = text.substr(0, digest);
  KeptAuditHead kept;
  for (bool first = true; !text.empty(); first = false) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return broken;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (first) {
      if (line != kFirstLine) return broken;
      continue;
    }
    const std::string_view kind = Word(line);
    if (kind == kAlarm && line.empty()) {
      kept.alarm = true;
      continue;
    }
    const auto head = kind == kHead ? HeadOf(line) : std::nullopt;
    const auto accepted = kind == kAccepted ? AcceptanceOf(line) : std::nullopt;
    if (!head && !accepted) return broken;
    if (head) kept.heads.push_back(*head);
    if (accepted) kept.accepted.push_back(*accepted);
  }
  return kept;
}

absl::StatusOr<KeptAuditHead> ReadAuditHead(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) return KeptAuditHead();
  const auto text = ReadTextFile(path);
  auto kept = text.ok() ? ParseAuditHead(*text) : text.status();
  if (kept.ok()) {
    kept->is_there = true;
    return kept;
  }
  return absl::FailedPreconditionError(fmt::format(
      "[audit] last_seen_head: {} cannot be used ({}): nobody knows what this server saw last. Put "
      "back a copy of it; or make sure, against a kept audit head (`kakunin audit verify`), that "
      "the database has lost nothing, and move the file away",
      path.string(), std::string(kept.status().message())));
}

absl::Status WriteAuditHead(const std::filesystem::path& path, const KeptAuditHead& kept) {
  return ReplaceDurably(path, AuditHeadText(kept));
}

absl::StatusOr<FileLock> TakeAuditHeadTurn(const std::filesystem::path& path, bool wait) {
  return LockBeside(
      path, ".turn", wait,
      absl::UnavailableError(fmt::format("{} is being written: run it again", path.string())));
}

absl::StatusOr<FileLock> KeepAuditHead(const std::filesystem::path& path) {
  return LockBeside(path, ".lock", /*wait=*/false,
                    absl::FailedPreconditionError(fmt::format(
                        "[audit] last_seen_head: another server uses {}: give each a file of its "
                        "own",
                        path.string())));
}

}  // namespace kakunin
