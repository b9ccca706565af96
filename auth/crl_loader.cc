#include "auth/crl_loader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "auth/der_reader.h"
#include "auth/encoding.h"
#include "auth/partition_text.h"

namespace kakunin::auth {
namespace {

class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  // The file's identity, or nullopt when it is no readable regular file.
  std::optional<RevocationSnapshot::SourceFile> Identity() const {
    struct stat status {};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
      return std::nullopt;
    }
    RevocationSnapshot::SourceFile source;
    source.inode = status.st_ino;
    source.size = static_cast<uint64_t>(status.st_size);
    source.modified_ns =
        static_cast<int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
    return source;
  }

  // Read into memory, not mapped: a file truncated under a mapping ends the process.
  std::optional<std::string> Read(size_t size) const {
    std::string content(size, '\0');
    size_t have = 0;
    while (have < size) {
      const ssize_t got = read(descriptor_, content.data() + have, size - have);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return std::nullopt;
      have += static_cast<size_t>(got);
    }
    return content;
  }

 private:
  int descriptor_;
};

bool SameFile(const RevocationSnapshot::SourceFile& a, const RevocationSnapshot::SourceFile& b) {
  return a.inode == b.inode && a.size == b.size && a.modified_ns == b.modified_ns;
}

std::vector<std::filesystem::path> CrlFiles(const std::filesystem::path& directory,
                                            CrlLoadReport& report) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".crl") files.push_back(it->path());
  }
  if (error) {
    report.refused.push_back(
        {directory.filename().string(),
         fmt::format("the CRL directory cannot be read: {}", error.message())});
  }
  std::sort(files.begin(), files.end());
  return files;
}

template <typename Serial>
size_t MissingIn(const std::vector<Serial>& before, const std::vector<Serial>& now) {
  size_t missing = 0;
  auto at = now.begin();
  for (const Serial& serial : before) {
    at = std::find_if(at, now.end(), [&](const Serial& other) { return !(other < serial); });
    if (at == now.end() || serial < *at) ++missing;
  }
  return missing;
}

// Missing is how many serials of `before` (a CrlPartition or a CrlMemory) `now` does not list.
template <typename Before>
size_t Missing(const Before& before, const CrlPartition& now) {
  return MissingIn(before.serials, now.serials) + MissingIn(before.long_serials, now.long_serials);
}

class Loader {
 public:
  Loader(const TrustStore& store, const RevocationSnapshot* previous, absl::Time now,
         const CrlLimits& limits, CrlArchive* archive)
      : store_(store),
        previous_(previous),
        now_(now),
        limits_(limits),
        archive_(archive),
        next_(std::make_shared<RevocationSnapshot>()) {
    if (previous_ == nullptr) return;
    for (const std::shared_ptr<const CrlPartition>& held : previous_->partitions()) {
      if (store_.FindByKeyId(held->issuer) != nullptr) Accept(held);
    }
  }

  void LoadFile(const std::filesystem::path& path) {
    const std::string file = path.filename().string();
    OpenFile opened(path);
    std::optional<RevocationSnapshot::SourceFile> source = opened.Identity();
    if (!source) return Refuse(file, "is no readable regular file");
    if (IsUnchanged(file, *source)) return;
    if (source->size > limits_.max_file_bytes) return Refuse(file, "is above the size limit");
    std::optional<std::string> content = opened.Read(source->size);
    if (!content) return Refuse(file, "cannot be read whole");
    if (!content->starts_with(static_cast<char>(der::kSequence))) {
      content = PemDecode("X509 CRL", *content);
      if (!content) return Refuse(file, "is no DER and holds no PEM block X509 CRL");
    }
    absl::StatusOr<std::shared_ptr<CrlPartition>> parsed = ParseCrl(AsBytes(*content), store_);
    content.reset();
    if (!parsed.ok()) return Refuse(file, std::string(parsed.status().message()));
    if (std::string why = Conflict(**parsed); !why.empty()) return Refuse(file, std::move(why));
    const std::shared_ptr<const CrlPartition> held =
        next_->Find((*parsed)->issuer, (*parsed)->name);
    if (held == nullptr || held->digest != (*parsed)->digest) {
      if (const absl::Status recalled = Recall(file, held.get(), **parsed); !recalled.ok()) {
        return Refuse(file, fmt::format("what its predecessors listed is not known: {}",
                                        std::string(recalled.message())));
      }
    }
    Take(file, *source, *std::move(parsed), held.get());
  }

  CrlLoadResult Finish(CrlLoadReport report) {
    report.loaded += report_.loaded;
    report.unchanged += report_.unchanged;
    std::ranges::move(report_.refused, std::back_inserter(report.refused));
    std::ranges::move(report_.alarms, std::back_inserter(report.alarms));
    std::ranges::move(report_.vanished, std::back_inserter(report.vanished));
    return {std::move(next_), std::move(report)};
  }

 private:
  // How many partitions and whether a full CRL a key has: the two never mix (jpki.md 2).
  struct Scope {
    bool has_full = false;
    bool has_partitions = false;
  };

  void Refuse(const std::string& file, std::string why) {
    report_.refused.push_back({file, std::move(why)});
  }

  void Accept(std::shared_ptr<const CrlPartition> partition) {
    Scope& scope = scopes_[partition->issuer];
    (partition->name.empty() ? scope.has_full : scope.has_partitions) = true;
    next_->Put(std::move(partition));
  }

  bool IsUnchanged(const std::string& file, const RevocationSnapshot::SourceFile& now_there) {
    const RevocationSnapshot::SourceFile* known =
        previous_ == nullptr ? nullptr : previous_->Source(file);
    if (known == nullptr || !SameFile(*known, now_there) ||
        store_.FindByKeyId(known->issuer) == nullptr) {
      return false;
    }
    next_->Remember(file, *known);
    ++report_.unchanged;
    return true;
  }

  // Why a sound CRL must not replace what is held, or empty.
  std::string Conflict(const CrlPartition& crl) const {
    if (absl::FromUnixSeconds(crl.this_update) > now_) return "thisUpdate is in the future";
    if (const auto scope = scopes_.find(crl.issuer); scope != scopes_.end()) {
      if (crl.name.empty() && scope->second.has_partitions) {
        return "a CRL without distribution point beside partitions of the same key";
      }
      if (!crl.name.empty() && scope->second.has_full) {
        return "a partition beside a full CRL of the same key";
      }
    }
    const std::shared_ptr<const CrlPartition> held = next_->Find(crl.issuer, crl.name);
    if (held == nullptr) return {};
    if (crl.crl_number < held->crl_number) return "crlNumber is lower than the one held";
    if (crl.crl_number == held->crl_number && crl.digest != held->digest) {
      return "crlNumber of the one held with other content";
    }
    return {};
  }

  // Predecessors is what the CRLs before one listed, and what of it was superseded.
  struct Predecessors {
    CrlMemory memory;
    SerialSet superseded;
  };

  static absl::StatusOr<Predecessors> Before(const CrlArchive::Kept& kept,
                                             const CrlPartition* held) {
    Predecessors before;
    if (kept.memory.empty()) {
      if (held == nullptr) return before;
      before.memory = {held->this_update, held->serials, held->long_serials, held->former};
      before.superseded = held->superseded;
      return before;
    }
    std::optional<CrlMemory> memory = DecodeCrlMemory(kept.memory);
    if (!memory) return absl::DataLossError("what is kept of them cannot be read");
    std::optional<SupersededMemory> superseded = DecodeSuperseded(kept.superseded);
    if (!superseded) return absl::DataLossError("what is kept of those superseded cannot be read");
    // Of another CRL: one that came between may have said worse, so all of it counts as revoked.
    const bool of_the_same = superseded->this_update == memory->this_update;
    if (of_the_same) before.superseded = std::move(superseded->serials);
    before.memory = *std::move(memory);
    return before;
  }

  // Recall gives `crl` the serials that its predecessors listed and it does not, and which of them
  // were superseded: what is kept for all servers, or what this one held. Against what is kept it
  // also sees what a process that holds nothing yet could not: a CRL put back to an older one, and
  // one that has shrunk.
  absl::Status Recall(const std::string& file, const CrlPartition* held, CrlPartition& crl) {
    std::string alarm;
    size_t vanished = 0;
    SerialSet superseded;
    const auto change = [&](const CrlArchive::Kept& kept) -> absl::StatusOr<CrlArchive::Kept> {
      alarm.clear();
      vanished = 0;
      absl::StatusOr<Predecessors> before = Before(kept, held);
      if (!before.ok()) return before.status();
      CrlMemory& memory = before->memory;
      if (IsRolledBack(crl, memory, now_)) {
        alarm = "is older than one that was seen before: what that listed stays revoked";
        Complete(crl, memory);
        superseded = std::move(before->superseded);
        return kept;
      }
      if (held == nullptr) {
        alarm = Shrunk(memory.serials.size() + memory.long_serials.size(), crl.entries());
      }
      // By what this server held, when it held one: each tells of it, not only the first to read.
      vanished = held != nullptr ? Missing(*held, crl) : Missing(memory, crl);
      const bool newest = crl.this_update >= memory.this_update;
      CrlArchive::Kept keep = kept;
      memory = Remember(std::move(memory), crl, archive_ != nullptr ? &keep.forgotten : nullptr);
      // Whoever has a new card agreed to nothing less than before.
      std::erase_if(keep.forgotten, [&](const ForgottenSerial& one) {
        return before->superseded.Contains(one.serial);
      });
      if (archive_ != nullptr) keep.memory = EncodeCrlMemory(memory);
      crl.former = std::move(memory.former);
      superseded = StillSuperseded(before->superseded, crl);
      if (newest) keep.superseded = EncodeSuperseded({crl.this_update, superseded});
      return keep;
    };
    absl::Status recalled =
        archive_ == nullptr ? change({}).status() : archive_->Update(crl.issuer, crl.name, change);
    if (!recalled.ok()) return recalled;
    crl.superseded = std::move(superseded);
    if (!alarm.empty()) report_.alarms.push_back({file, alarm});
    if (vanished > 0) report_.vanished.push_back({file, PartitionText(crl.name), vanished});
    return recalled;
  }

  // Shrunk is what is said of so many fewer entries than before; empty when they are not.
  std::string Shrunk(size_t before, size_t now) const {
    if (static_cast<double>(now) >= limits_.shrink_alarm_fraction * static_cast<double>(before)) {
      return {};
    }
    return fmt::format("shrunk from {} to {} entries", before, now);
  }

  void Take(const std::string& file, RevocationSnapshot::SourceFile source,
            std::shared_ptr<const CrlPartition> crl, const CrlPartition* held) {
    source.issuer = crl->issuer;
    if (held != nullptr && held->digest == crl->digest) {
      ++report_.unchanged;
    } else {
      if (held != nullptr) {
        if (std::string alarm = Shrunk(held->entries(), crl->entries()); !alarm.empty()) {
          report_.alarms.push_back({file, std::move(alarm)});
        }
      }
      Accept(std::move(crl));
      ++report_.loaded;
    }
    next_->Remember(file, source);
  }

  const TrustStore& store_;
  const RevocationSnapshot* previous_;
  absl::Time now_;
  CrlLimits limits_;
  CrlArchive* archive_;
  std::shared_ptr<RevocationSnapshot> next_;
  std::map<IssuerKeyId, Scope> scopes_;
  CrlLoadReport report_;
};

}  // namespace

CrlLoadResult LoadCrls(const std::filesystem::path& directory, const TrustStore& store,
                       const RevocationSnapshot* previous, absl::Time now, const CrlLimits& limits,
                       CrlArchive* archive) {
  CrlLoadReport report;
  const std::vector<std::filesystem::path> files = CrlFiles(directory, report);
  Loader loader(store, previous, now, limits, archive);
  for (const std::filesystem::path& file : files) loader.LoadFile(file);
  return loader.Finish(std::move(report));
}

}  // namespace kakunin::auth
