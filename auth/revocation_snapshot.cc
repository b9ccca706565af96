#include "auth/revocation_snapshot.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <utility>

namespace kakunin::auth {
namespace {

bool IsFresh(const CrlPartition& crl, absl::Time now, absl::Duration max_age) {
  const absl::Time this_update = absl::FromUnixSeconds(crl.this_update);
  return now >= this_update && now < absl::FromUnixSeconds(crl.next_update) &&
         now - this_update <= max_age;
}

RevocationState StateIn(const CrlPartition& crl, const SerialNumber& serial, absl::Time now,
                        absl::Duration max_age) {
  if (crl.Contains(serial)) return RevocationState::kRevoked;
  return IsFresh(crl, now, max_age) ? RevocationState::kGood : RevocationState::kStale;
}

}  // namespace

PartitionId PartitionIdOf(std::string_view name) {
  const Sha256Digest digest = Sha256(name);
  PartitionId id;
  std::memcpy(&id, digest.data(), sizeof(id));
  return id;
}

namespace {

// As many serials as fit in eight cache lines, which are all that a look-up reads beside the
// samples.
constexpr size_t kSampleStep = 64;
constexpr size_t kSerialsALine = 8;

template <typename Serial>
std::optional<uint32_t> UntilOf(const FormerList<Serial>& former, const Serial& serial) {
  const auto found = std::lower_bound(former.serials.begin(), former.serials.end(), serial);
  if (found == former.serials.end() || *found != serial) return std::nullopt;
  return former.until[static_cast<size_t>(found - former.serials.begin())];
}

}  // namespace

bool SerialSet::Contains(const SerialNumber& serial) const {
  if (const std::optional<uint64_t> value = serial.ToUint64()) {
    return std::binary_search(serials.begin(), serials.end(), *value);
  }
  return std::binary_search(long_serials.begin(), long_serials.end(), serial);
}

void SerialSet::Add(const SerialNumber& serial) {
  if (const std::optional<uint64_t> value = serial.ToUint64()) {
    serials.push_back(*value);
  } else {
    long_serials.push_back(serial);
  }
}

void CrlPartition::Index() {
  samples.clear();
  samples.reserve((serials.size() + kSampleStep - 1) / kSampleStep);
  for (size_t i = 0; i < serials.size(); i += kSampleStep) samples.push_back(serials[i]);
}

bool CrlPartition::Contains(const SerialNumber& serial) const {
  if (const std::optional<uint64_t> value = serial.ToUint64()) {
    std::span<const uint64_t> block = serials;
    if (!samples.empty()) {
      const auto above = std::upper_bound(samples.begin(), samples.end(), *value);
      if (above == samples.begin()) return false;  // below the smallest
      block = block.subspan(static_cast<size_t>(above - samples.begin() - 1) * kSampleStep);
      block = block.first(std::min(block.size(), kSampleStep));
      // All lines at once: one after the other they would cost a wait each.
      for (size_t i = 0; i < block.size(); i += kSerialsALine) __builtin_prefetch(&block[i]);
    }
    return std::binary_search(block.begin(), block.end(), *value);
  }
  return std::binary_search(long_serials.begin(), long_serials.end(), serial);
}

bool CrlPartition::ContainedBefore(const SerialNumber& serial, int64_t not_after) const {
  const std::optional<uint64_t> value = serial.ToUint64();
  const std::optional<uint32_t> until =
      value ? UntilOf(former.serials, *value) : UntilOf(former.long_serials, serial);
  return until && not_after < static_cast<int64_t>(*until);
}

size_t RevocationSnapshot::Hash::operator()(const KeyView& key) const {
  size_t issuer;  // a key id is a digest already: any octets of it are a good hash
  std::memcpy(&issuer, key.issuer->data(), sizeof(issuer));
  return issuer ^ std::hash<std::string_view>{}(key.name);
}

RevocationState RevocationSnapshot::Lookup(const IssuerKeyId& issuer, std::string_view partition,
                                           const SerialNumber& serial, absl::Time now,
                                           absl::Duration max_age) const {
  const auto found = partitions_.find(KeyView{&issuer, partition});
  if (found == partitions_.end()) return RevocationState::kMissing;
  return StateIn(**found, serial, now, max_age);
}

RevocationState RevocationSnapshot::LookupAgain(const IssuerKeyId& issuer, PartitionId partition,
                                                const SerialNumber& serial, absl::Time now,
                                                absl::Duration max_age) const {
  const auto found = by_id_.find({issuer, partition});
  if (found == by_id_.end()) return RevocationState::kMissing;
  const CrlPartition& crl = *found->second;
  const RevocationState state = StateIn(crl, serial, now, max_age);
  if (state != RevocationState::kRevoked || !crl.superseded.Contains(serial)) return state;
  return IsFresh(crl, now, max_age) ? RevocationState::kSuperseded : RevocationState::kStale;
}

bool RevocationSnapshot::Holds(const IssuerKeyId& issuer) const {
  const auto first = by_id_.lower_bound({issuer, 0});
  return first != by_id_.end() && first->first.first == issuer;
}

bool RevocationSnapshot::WasRevoked(const IssuerKeyId& issuer, std::string_view partition,
                                    const SerialNumber& serial, int64_t not_after) const {
  const auto found = partitions_.find(KeyView{&issuer, partition});
  return found != partitions_.end() && (*found)->ContainedBefore(serial, not_after);
}

bool RevocationSnapshot::WasRevokedAgain(const IssuerKeyId& issuer, PartitionId partition,
                                         const SerialNumber& serial, int64_t not_after) const {
  const auto found = by_id_.find({issuer, partition});
  return found != by_id_.end() && found->second->ContainedBefore(serial, not_after);
}

bool RevocationSnapshot::WasSupersededAgain(const IssuerKeyId& issuer, PartitionId partition,
                                            const SerialNumber& serial) const {
  const auto found = by_id_.find({issuer, partition});
  return found != by_id_.end() && found->second->superseded.Contains(serial);
}

std::shared_ptr<const CrlPartition> RevocationSnapshot::Find(const IssuerKeyId& issuer,
                                                             std::string_view partition) const {
  const auto found = partitions_.find(KeyView{&issuer, partition});
  return found == partitions_.end() ? nullptr : *found;
}

std::vector<std::shared_ptr<const CrlPartition>> RevocationSnapshot::partitions() const {
  return {partitions_.begin(), partitions_.end()};
}

size_t RevocationSnapshot::entries() const {
  size_t sum = 0;
  for (const auto& partition : partitions_) sum += partition->entries();
  return sum;
}

size_t RevocationSnapshot::former_entries() const {
  size_t sum = 0;
  for (const auto& partition : partitions_) sum += partition->former.entries();
  return sum;
}

void RevocationSnapshot::Put(std::shared_ptr<const CrlPartition> partition) {
  by_id_.insert_or_assign({partition->issuer, PartitionIdOf(partition->name)}, partition);
  partitions_.erase(partition);
  partitions_.insert(std::move(partition));
}

void RevocationSnapshot::Remember(std::string file, const SourceFile& source) {
  sources_.insert_or_assign(std::move(file), source);
}

const RevocationSnapshot::SourceFile* RevocationSnapshot::Source(const std::string& file) const {
  const auto found = sources_.find(file);
  return found == sources_.end() ? nullptr : &found->second;
}

}  // namespace kakunin::auth
