#include "server/registry.h"

#include <chrono>

#include "domain/error.h"

namespace kakunin {
namespace {

constexpr auto kPollEvery = std::chrono::milliseconds(250);
constexpr auto kPollBound = std::chrono::seconds(1);
constexpr auto kFirstReadBound = std::chrono::seconds(30);
constexpr absl::Duration kStaleAfter = absl::Seconds(10);
// Beyond this many changed rows the recent layer is folded into the base.
constexpr size_t kFoldAt = 1024;

std::string KeyOf(const Digest32& fingerprint) {
  return std::string(reinterpret_cast<const char*>(fingerprint.data()), fingerprint.size());
}

std::string OwnerOf(const TerminalRow& row) {
  return "t/" + row.facility_code + "/" + row.terminal_id;
}
std::string OwnerOf(const PartyRow& row) {
  return "p/" + std::to_string(static_cast<int>(row.kind)) + "/" + row.name;
}
std::string OwnerOf(const RegistrySnapshot::Entry& entry) {
  return std::visit([](const auto& row) { return OwnerOf(row); }, entry.row);
}

}  // namespace

const RegistrySnapshot::Entry* RegistrySnapshot::Find(const Digest32& fingerprint) const {
  return FindKey(KeyOf(fingerprint));
}

absl::StatusOr<Terminal> RegistrySnapshot::TerminalOf(const Entry& entry, absl::Time now) {
  const TerminalRow& row = std::get<TerminalRow>(entry.row);
  if (row.revoked_at) return MakeError(Reason::kTerminalRevoked);
  if (now < row.not_before || now >= row.not_after) return MakeError(Reason::kCertificateExpired);
  if (entry.facility == nullptr || !entry.facility->active) {
    return MakeError(Reason::kFacilityInactive);
  }
  return Terminal{.facility_code = row.facility_code,
                  .terminal_id = row.terminal_id,
                  .facility_type = entry.facility->type,
                  .kind = row.kind};
}

const RegistrySnapshot::Entry* RegistrySnapshot::FindTerminal(
    const std::string& facility_code, const std::string& terminal_id) const {
  const std::string owner =
      OwnerOf(TerminalRow{.facility_code = facility_code, .terminal_id = terminal_id});
  for (const Layer* layer : {recent_.get(), base_.get()}) {
    const auto found = layer->fingerprint_of_owner.find(owner);
    if (found == layer->fingerprint_of_owner.end()) continue;
    const Entry* const entry = FindKey(found->second);
    // The certificate may be another owner's by now.
    return entry != nullptr && OwnerOf(*entry) == owner ? entry : nullptr;
  }
  return nullptr;
}

const RegistrySnapshot::Entry* RegistrySnapshot::FindKey(const std::string& key) const {
  for (const Layer* layer : {recent_.get(), base_.get()}) {
    if (const auto found = layer->by_fingerprint.find(key); found != layer->by_fingerprint.end()) {
      return found->second.get();
    }
  }
  return nullptr;
}

std::shared_ptr<const RegistrySnapshot> RegistrySnapshot::With(const RegistryRows& rows) const {
  const size_t changed = rows.facilities.size() + rows.terminals.size() + rows.parties.size();
  const bool fold = changed + recent_->by_fingerprint.size() > kFoldAt;
  auto layer = std::make_shared<Layer>(*recent_);
  if (fold) {
    // The base's rows first, the recent ones over them.
    layer = std::make_shared<Layer>(*base_);
    for (const auto& [key, entry] : recent_->by_fingerprint) layer->by_fingerprint[key] = entry;
    for (const auto& [code, row] : recent_->facilities) layer->facilities[code] = row;
    for (const auto& [owner, key] : recent_->fingerprint_of_owner)
      layer->fingerprint_of_owner[owner] = key;
    for (const auto& [code, keys] : recent_->terminals_of_facility) {
      auto& all = layer->terminals_of_facility[code];
      all.insert(all.end(), keys.begin(), keys.end());
    }
  }
  const Layer* older = fold ? nullptr : base_.get();

  const auto facility_of = [&](const std::string& code) -> std::shared_ptr<const FacilityRow> {
    if (const auto found = layer->facilities.find(code); found != layer->facilities.end())
      return found->second;
    if (older != nullptr) {
      if (const auto found = older->facilities.find(code); found != older->facilities.end())
        return found->second;
    }
    return nullptr;
  };
  const auto entry_of = [&](const std::string& key) -> std::shared_ptr<const Entry> {
    if (const auto found = layer->by_fingerprint.find(key); found != layer->by_fingerprint.end()) {
      return found->second;
    }
    if (older != nullptr) {
      if (const auto found = older->by_fingerprint.find(key);
          found != older->by_fingerprint.end()) {
        return found->second;
      }
    }
    return nullptr;
  };
  const auto bind = [&](const std::string& owner, const std::string& key,
                        std::shared_ptr<const Entry> entry) {
    std::string before;
    if (const auto found = layer->fingerprint_of_owner.find(owner);
        found != layer->fingerprint_of_owner.end()) {
      before = found->second;
    } else if (older != nullptr) {
      if (const auto old = older->fingerprint_of_owner.find(owner);
          old != older->fingerprint_of_owner.end()) {
        before = old->second;
      }
    }
    if (!before.empty() && before != key) {
      // Rows come in no order: the certificate may be another owner's by now.
      const auto held = entry_of(before);
      if (held != nullptr && OwnerOf(*held) == owner) layer->by_fingerprint[before] = nullptr;
    }
    layer->fingerprint_of_owner[owner] = key;
    layer->by_fingerprint[key] = std::move(entry);
  };

  for (const FacilityRow& row : rows.facilities) {
    const auto facility = std::make_shared<const FacilityRow>(row);
    layer->facilities[row.facility_code] = facility;
    for (const Layer* source : {static_cast<const Layer*>(layer.get()), older}) {
      if (source == nullptr) continue;
      const auto terminals = source->terminals_of_facility.find(row.facility_code);
      if (terminals == source->terminals_of_facility.end()) continue;
      for (const std::string& key : terminals->second) {
        const auto entry = entry_of(key);
        if (entry == nullptr) continue;
        // The list only grows: the certificate may be another facility's by now.
        const auto* terminal = std::get_if<TerminalRow>(&entry->row);
        if (terminal == nullptr || terminal->facility_code != row.facility_code) continue;
        layer->by_fingerprint[key] = std::make_shared<const Entry>(Entry{entry->row, facility});
      }
    }
  }
  for (const TerminalRow& row : rows.terminals) {
    const std::string key = KeyOf(row.fingerprint);
    bind(OwnerOf(row), key,
         std::make_shared<const Entry>(Entry{row, facility_of(row.facility_code)}));
    layer->terminals_of_facility[row.facility_code].push_back(key);
  }
  for (const PartyRow& row : rows.parties) {
    bind(OwnerOf(row), KeyOf(row.fingerprint), std::make_shared<const Entry>(Entry{row, nullptr}));
  }

  auto next = std::make_shared<RegistrySnapshot>();
  next->generation_ = rows.generation;
  if (fold) {
    next->base_ = std::move(layer);
  } else {
    next->base_ = base_;
    next->recent_ = std::move(layer);
  }
  return next;
}

Registry::Registry(Database& database, RegistryStore& store)
    : database_(database), store_(store), snapshot_(std::make_shared<const RegistrySnapshot>()) {}

Registry::~Registry() { Stop(); }

absl::Status Registry::Start() {
  if (absl::Status status = PollWithin(kFirstReadBound); !status.ok()) return status;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void Registry::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const RegistrySnapshot> Registry::Current() const {
  if (Age() > kStaleAfter) return nullptr;
  return snapshot_.load(std::memory_order_acquire);
}

absl::Status Registry::PollWithin(std::chrono::nanoseconds bound) {
  const auto asked = std::chrono::steady_clock::now();
  const auto before = snapshot_.load(std::memory_order_acquire);
  RegistryRows rows;
  absl::Status status = database_.Read(asked + bound, [&](Transaction& tx) -> absl::Status {
    auto read = store_.ReadSince(tx, before->generation());
    if (!read.ok()) return read.status();
    rows = *std::move(read);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (rows.generation != before->generation())
    snapshot_.store(before->With(rows), std::memory_order_release);
  age_.Renew(asked);
  return absl::OkStatus();
}

void Registry::Run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPollEvery, [this] { return stop_; })) {
    lock.unlock();
    // A failed poll needs no action here: the age grows, and at 10 s Current() closes the door.
    PollWithin(kPollBound).IgnoreError();
    lock.lock();
  }
}

}  // namespace kakunin
