#include "server/registry.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

#include "domain/abnormal_times.h"
#include "domain/error.h"

namespace kakunin {
namespace {

constexpr auto kPollEvery = std::chrono::milliseconds(250);
// A poll that is cut begins anew, so that a shorter bound than a slow database needs lets nobody in
// for as long as it is slow. Three tries fit into kStaleAfter.
constexpr auto kPollBound = std::chrono::seconds(3);
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
std::string OwnerOf(const FormerCertificate& former) {
  return "t/" + former.facility_code + "/" + former.terminal_id;
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

absl::StatusOr<Terminal> RegistrySnapshot::TerminalOf(const Entry& entry, absl::Time now) const {
  const TerminalRow& row = std::get<TerminalRow>(entry.row);
  if (row.revoked_at) return MakeError(Reason::kTerminalRevoked);
  if (row.suspended_at) return MakeError(Reason::kTerminalSuspended);
  if (now < row.not_before || now >= row.not_after) return MakeError(Reason::kCertificateExpired);
  if (entry.facility == nullptr || !entry.facility->active) {
    return MakeError(Reason::kFacilityInactive);
  }
  if (const auto why = WhyNotServed(entry.facility->windows, row.kind, now)) return MakeError(*why);
  const bool in_test = entry.facility->test_began.has_value();
  return Terminal{
      .facility_code = row.facility_code,
      .terminal_id = row.terminal_id,
      .facility_type = entry.facility->type,
      .kind = row.kind,
      .certificate_ends = row.not_after,
      .sees_only = in_test ? test_persons_ : nullptr,
      .municipality_code = entry.facility->municipality_code,
      .municipality_since = entry.facility->municipality_since.value_or(absl::InfiniteFuture()),
      .abnormal_times = abnormal_times_,
      .forms_not_added = in_test ? uint8_t{0} : FormsNotAdded(entry.facility->windows, now)};
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

// Change lays rows over a snapshot: over its recent layer, or, folded, over all of it.
class RegistrySnapshot::Change {
 public:
  Change(const RegistrySnapshot& before, bool fold)
      : layer_(std::make_shared<Layer>(fold ? *before.base_ : *before.recent_)),
        older_(fold ? nullptr : before.base_.get()) {
    if (fold) LayOver(*before.recent_);
  }

  void Add(const FacilityRow& row, const RestrictedGroundRules& grounds) {
    FacilityRow reckoned = row;
    reckoned.windows = WindowsOf(row.terms, grounds);
    const auto facility = std::make_shared<const FacilityRow>(std::move(reckoned));
    layer_->facilities[row.facility_code] = facility;
    for (const Layer* source : {static_cast<const Layer*>(layer_.get()), older_}) {
      if (source == nullptr) continue;
      const auto terminals = source->terminals_of_facility.find(row.facility_code);
      if (terminals == source->terminals_of_facility.end()) continue;
      for (const std::string& key : terminals->second) {
        const auto entry = EntryOf(key);
        if (entry == nullptr) continue;
        // The list only grows: the certificate may be another facility's by now.
        const auto* terminal = std::get_if<TerminalRow>(&entry->row);
        if (terminal == nullptr || terminal->facility_code != row.facility_code) continue;
        layer_->by_fingerprint[key] = std::make_shared<const Entry>(Entry{entry->row, facility});
      }
    }
  }

  void Add(const TerminalRow& row) {
    const std::string key = KeyOf(row.fingerprint);
    Bind(OwnerOf(row), key,
         std::make_shared<const Entry>(Entry{row, FacilityOf(row.facility_code)}));
    layer_->terminals_of_facility[row.facility_code].push_back(key);
    changed_owners_.push_back(OwnerOf(row));
  }

  void Add(const PartyRow& row) {
    Bind(OwnerOf(row), KeyOf(row.fingerprint), std::make_shared<const Entry>(Entry{row, nullptr}));
  }

  void Add(const FormerCertificate& former) {
    const std::string owner = OwnerOf(former);
    std::vector<FormerCertificate> all = FormersOf(owner);
    const auto known = std::ranges::find(all, former.fingerprint, &FormerCertificate::fingerprint);
    if (known == all.end()) {
      all.push_back(former);
      layer_->terminals_of_facility[former.facility_code].push_back(KeyOf(former.fingerprint));
    } else {
      *known = former;
    }
    layer_->formers_of_owner[owner] = std::move(all);
    changed_owners_.push_back(owner);
  }

  // Finish gives former certificates what their terminals are by now. After all rows.
  std::shared_ptr<const Layer> Finish() {
    for (const std::string& owner : changed_owners_) RenewFormers(owner);
    return std::move(layer_);
  }

 private:
  void LayOver(const Layer& recent) {
    for (const auto& [key, entry] : recent.by_fingerprint) layer_->by_fingerprint[key] = entry;
    for (const auto& [code, row] : recent.facilities) layer_->facilities[code] = row;
    for (const auto& [owner, key] : recent.fingerprint_of_owner) {
      layer_->fingerprint_of_owner[owner] = key;
    }
    for (const auto& [owner, formers] : recent.formers_of_owner) {
      layer_->formers_of_owner[owner] = formers;
    }
    for (const auto& [code, keys] : recent.terminals_of_facility) {
      auto& all = layer_->terminals_of_facility[code];
      all.insert(all.end(), keys.begin(), keys.end());
    }
  }

  // The value of `key` in one map of the changed layer, else of the older one; empty: in neither.
  template <class Value>
  Value Newest(absl::flat_hash_map<std::string, Value> Layer::*map, const std::string& key) const {
    for (const Layer* source : {static_cast<const Layer*>(layer_.get()), older_}) {
      if (source == nullptr) continue;
      const auto found = (source->*map).find(key);
      if (found != (source->*map).end()) return found->second;
    }
    return Value{};
  }
  std::shared_ptr<const FacilityRow> FacilityOf(const std::string& code) const {
    return Newest(&Layer::facilities, code);
  }
  std::shared_ptr<const Entry> EntryOf(const std::string& key) const {
    return Newest(&Layer::by_fingerprint, key);
  }
  std::vector<FormerCertificate> FormersOf(const std::string& owner) const {
    return Newest(&Layer::formers_of_owner, owner);
  }

  void Bind(const std::string& owner, const std::string& key, std::shared_ptr<const Entry> entry) {
    const std::string before = Newest(&Layer::fingerprint_of_owner, owner);
    if (!before.empty() && before != key) {
      // Rows come in no order: the certificate may be another owner's by now.
      const auto held = EntryOf(before);
      if (held != nullptr && OwnerOf(*held) == owner) layer_->by_fingerprint[before] = nullptr;
    }
    layer_->fingerprint_of_owner[owner] = key;
    layer_->by_fingerprint[key] = std::move(entry);
  }

  void RenewFormers(const std::string& owner) {
    const std::vector<FormerCertificate> formers = FormersOf(owner);
    if (formers.empty()) return;
    const auto own = EntryOf(Newest(&Layer::fingerprint_of_owner, owner));
    // The certificate may be another owner's by now, and its row yet to come.
    if (own == nullptr || OwnerOf(*own) != owner) return;
    for (const FormerCertificate& former : formers) {
      Entry entry = *own;
      auto& row = std::get<TerminalRow>(entry.row);
      if (row.fingerprint == former.fingerprint) continue;
      row.fingerprint = former.fingerprint;
      row.not_before = former.not_before;
      row.not_after = former.not_after;
      layer_->by_fingerprint[KeyOf(former.fingerprint)] =
          std::make_shared<const Entry>(std::move(entry));
    }
  }

  std::shared_ptr<Layer> layer_;
  const Layer* const older_;
  std::vector<std::string> changed_owners_;
};

void RegistrySnapshot::LayPolicies(const RegistrySnapshot& before, const RegistryRows& rows,
                                   const PolicyCheck& verifies) {
  policies_ = before.policies_;
  for (const SignedPolicy& row : rows.policies) {
    const auto known = std::ranges::find_if(
        policies_, [&](const SignedPolicy& one) { return one.policy.id == row.policy.id; });
    if (known == policies_.end()) {
      policies_.push_back(row);
    } else if (known->policy.ended_at && !row.policy.ended_at && verifies && verifies(*known)) {
      // Somebody put the row back to what it was before its end: what has ended stays so.
      ++forged_;
    } else {
      *known = row;
    }
  }
  auto times = std::make_shared<AbnormalTimes>();
  times->test_persons = test_persons_;
  for (const SignedPolicy& one : policies_) {
    if (!verifies || !verifies(one)) {
      ++forged_;
    } else if (one.policy.approved_at) {
      times->policies.push_back(one.policy);
    }
  }
  if (times->policies.empty()) return;
  // Of two that overlap every server takes the same one first: that which lasts longest.
  std::ranges::sort(
      times->policies, [](const AbnormalTimesPolicy& a, const AbnormalTimesPolicy& b) {
        return std::tie(a.rehearsal, b.to, a.id.octets) < std::tie(b.rehearsal, a.to, b.id.octets);
      });
  abnormal_times_ = std::move(times);
}

std::shared_ptr<const RegistrySnapshot> RegistrySnapshot::With(
    const RegistryRows& rows, const PolicyCheck& verifies,
    const RestrictedGroundRules& grounds) const {
  const size_t changed =
      rows.facilities.size() + rows.terminals.size() + rows.formers.size() + rows.parties.size();
  const bool fold = changed + recent_->by_fingerprint.size() > kFoldAt;
  Change change(*this, fold);
  for (const FacilityRow& row : rows.facilities) change.Add(row, grounds);
  for (const TerminalRow& row : rows.terminals) change.Add(row);
  for (const FormerCertificate& former : rows.formers) change.Add(former);
  for (const PartyRow& row : rows.parties) change.Add(row);

  auto next = std::make_shared<RegistrySnapshot>();
  next->generation_ = rows.generation;
  next->test_persons_ = test_persons_;
  if (!rows.test_persons.empty()) {
    auto persons = std::make_shared<TestPersons>(*test_persons_);
    for (const TestPersonRow& row : rows.test_persons) {
      if (row.published) {
        persons->insert(row.person);
      } else {
        persons->erase(row.person);
      }
    }
    next->test_persons_ = std::move(persons);
  }
  next->LayPolicies(*this, rows, verifies);
  if (fold) {
    next->base_ = change.Finish();
  } else {
    next->base_ = base_;
    next->recent_ = change.Finish();
  }
  return next;
}

Registry::Registry(Database& database, RegistryStore& store, PolicyCheck verifies,
                   const RestrictedGroundRules& grounds)
    : database_(database),
      store_(store),
      verifies_(std::move(verifies)),
      grounds_(grounds),
      snapshot_(std::make_shared<const RegistrySnapshot>()) {}

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
    snapshot_.store(before->With(rows, verifies_, grounds_), std::memory_order_release);
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
