#include "server/commands/backup_description.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <system_error>

#include "auth/encoding.h"
#include "domain/error.h"
#include "server/file_lock.h"
#include "server/text_file.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr char kFile[] = "backup.json";
constexpr char kIdFormat[] = "%E4Y%m%dT%H%M%SZ";  // %Y alone would read every digit
constexpr std::string_view kPartial = ".partial";
constexpr std::string_view kGoing = ".going";

constexpr absl::Duration kBrokenOffFor = absl::Hours(24);

std::string InstantText(absl::Time at) {
  return absl::FormatTime(absl::RFC3339_full, at, absl::UTCTimeZone());
}

absl::Time InstantOf(const json& value) {
  absl::Time at;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, value.get<std::string>(), &at, &error)) {
    throw std::invalid_argument("no instant");
  }
  return at;
}

StreamHead HeadOf(const json& value) {
  const auto id = AuditIdFromText(value.at("audit_id").get<std::string>());
  const auto hash = auth::HexDecode(value.at("hash").get<std::string>());
  StreamHead head;
  if (!id || !hash || hash->size() != head.hash.size()) throw std::invalid_argument("no head");
  head.stream = id->stream;
  head.number = id->number;
  std::memcpy(head.hash.data(), hash->data(), hash->size());
  return head;
}

// IsHeld tells whether a process has the folder locked, as whoever makes a backup does.
bool IsHeld(const std::filesystem::path& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const FileLock looked(descriptor);
  return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

absl::Status NotOne(const char* what) {
  return absl::InvalidArgumentError(fmt::format("it is no {}", what));
}

// "16/B374D848" is 0x16B374D848.
uint64_t LsnOf(const std::string& text) {
  unsigned high = 0;
  unsigned low = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%X/%X%c", &high, &low, &rest) != 2) {
    throw std::invalid_argument("no LSN");
  }
  return (uint64_t{high} << 32) | low;
}

}  // namespace

std::string BackupJson(const BackupDescription& backup) {
  json heads = json::array();
  for (const StreamHead& head : backup.heads) {
    heads.push_back({{"audit_id", AuditIdText({head.stream, head.number})},
                     {"hash", auth::HexEncode(head.hash)}});
  }
  const json value = {{"format", 1},
                      {"id", backup.id},
                      {"began", InstantText(backup.began)},
                      {"ended", InstantText(backup.ended)},
                      {"timeline", backup.timeline},
                      {"first_lsn", backup.first_lsn},
                      {"last_lsn", backup.last_lsn},
                      {"first_segment", backup.first_segment},
                      {"migration", backup.migration},
                      {"audit_head", backup.heads_digest},
                      {"streams", std::move(heads)},
                      {"key_ids", backup.key_ids},
                      {"octets", backup.octets}};
  return value.dump(1) + "\n";
}

absl::StatusOr<BackupDescription> ParseBackup(std::string_view text) {
  try {
    const json value = json::parse(text);
    if (value.at("format") != 1) return NotOne("description of a backup that this binary knows");
    BackupDescription backup;
    backup.id = value.at("id");
    backup.began = InstantOf(value.at("began"));
    backup.ended = InstantOf(value.at("ended"));
    backup.timeline = value.at("timeline");
    backup.first_lsn = value.at("first_lsn");
    backup.last_lsn = value.at("last_lsn");
    backup.first_segment = value.at("first_segment");
    backup.migration = value.at("migration");
    backup.heads_digest = value.at("audit_head");
    backup.octets = value.at("octets");
    for (const json& head : value.at("streams")) backup.heads.push_back(HeadOf(head));
    for (const json& key : value.at("key_ids")) backup.key_ids.push_back(key);
    return backup;
  } catch (const std::exception&) {
    return NotOne("description of a backup");
  }
}

absl::Status ReadManifest(std::string_view manifest, int64_t segment_octets,
                          BackupDescription& backup) {
  try {
    const json value = json::parse(manifest);
    const json& range = value.at("WAL-Ranges").at(0);
    backup.timeline = range.at("Timeline");
    backup.first_lsn = range.at("Start-LSN");
    backup.last_lsn = range.at("End-LSN");
    LsnOf(backup.last_lsn);
    const uint64_t number = LsnOf(backup.first_lsn) / static_cast<uint64_t>(segment_octets);
    const uint64_t in_one_file = (uint64_t{1} << 32) / static_cast<uint64_t>(segment_octets);
    backup.first_segment = fmt::format("{:08X}{:08X}{:08X}", backup.timeline, number / in_one_file,
                                       number % in_one_file);
    backup.octets = 0;
    for (const json& file : value.at("Files")) backup.octets += file.at("Size").get<int64_t>();
    return absl::OkStatus();
  } catch (const std::exception&) {
    return NotOne("backup_manifest of PostgreSQL 15");
  }
}

std::string BackupId(absl::Time began) {
  return absl::FormatTime(kIdFormat, began, absl::UTCTimeZone());
}

std::filesystem::path DataFolder(const std::filesystem::path& backup) { return backup / "data"; }

absl::StatusOr<BackupDescription> ReadBackup(const std::filesystem::path& folder) {
  const auto text = ReadTextFile(folder / kFile);
  if (!text.ok() && folder.string().ends_with(kPartial)) {
    return absl::FailedPreconditionError(fmt::format(
        "{} was broken off, or is being made: nothing can be restored from it (`kakunin "
        "backup list` tells which; `kakunin backup prune` removes it)",
        folder.string()));
  }
  if (!text.ok()) {
    return absl::FailedPreconditionError(
        fmt::format("{} is no finished backup: name the folder of one (`kakunin backup list`)",
                    folder.string()));
  }
  auto backup = ParseBackup(*text);
  if (backup.ok()) return backup;
  return absl::FailedPreconditionError(fmt::format(
      "{} cannot be used: {}", (folder / kFile).string(), std::string(backup.status().message())));
}

absl::StatusOr<std::vector<BackupDescription>> ListBackups(const std::filesystem::path& root) {
  std::error_code error;
  std::vector<BackupDescription> backups;
  for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code none;
    const std::filesystem::path suffix = entry->path().extension();
    if (suffix == kPartial || suffix == kGoing) continue;  // it did not come to its name
    if (!std::filesystem::exists(entry->path() / kFile, none)) continue;
    ASSIGN_OR_RETURN(BackupDescription backup, ReadBackup(entry->path()));
    backup.id = entry->path().filename();
    backups.push_back(std::move(backup));
  }
  if (error) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be read: {}", root.string(), error.message()));
  }
  std::ranges::sort(backups, {}, &BackupDescription::began);
  return backups;
}

absl::StatusOr<std::vector<UnfinishedBackup>> ListUnfinished(const std::filesystem::path& root) {
  std::error_code error;
  std::vector<UnfinishedBackup> unfinished;
  for (std::filesystem::directory_iterator entry(root, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::filesystem::path suffix = entry->path().extension();
    UnfinishedBackup one{.name = entry->path().filename()};
    std::string ignored;
    if ((suffix == kPartial || suffix == kGoing) &&
        absl::ParseTime(kIdFormat, entry->path().stem().string(), absl::UTCTimeZone(), &one.began,
                        &ignored)) {
      one.running = IsHeld(entry->path());
      unfinished.push_back(std::move(one));
    }
  }
  if (error) {
    return absl::FailedPreconditionError(
        fmt::format("{} cannot be read: {}", root.string(), error.message()));
  }
  std::ranges::sort(unfinished, {}, &UnfinishedBackup::began);
  return unfinished;
}

bool MayGo(const UnfinishedBackup& backup, absl::Time now) {
  if (backup.running) return false;
  return backup.name.ends_with(kGoing) || now - backup.began > kBrokenOffFor;
}

std::vector<BackupDescription> SpareBackups(const std::vector<BackupDescription>& backups,
                                            size_t keep) {
  if (backups.size() <= keep) return {};
  return {backups.begin(), backups.end() - static_cast<std::ptrdiff_t>(keep)};
}

}  // namespace kakunin
