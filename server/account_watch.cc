#include "server/account_watch.h"

#include <algorithm>
#include <utility>

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr auto kPollEvery = std::chrono::milliseconds(250);
// As long as the registry's and for its reason.
constexpr auto kPollBound = std::chrono::seconds(3);
constexpr auto kCatchUpBound = std::chrono::seconds(1);
constexpr auto kFirstReadBound = std::chrono::seconds(30);
constexpr auto kWriteUsesEvery = std::chrono::minutes(1);
constexpr auto kWriteUsesBound = std::chrono::seconds(5);
constexpr absl::Duration kStaleAfter = absl::Seconds(10);
// With the minute between two writings no more than kUseToldWithin.
constexpr absl::Duration kUseUnwritten = absl::Minutes(5);
// Beyond this many changed sessions the recent layer is folded into the base.
constexpr size_t kFoldAt = 1024;

std::string KeyOf(const Digest32& hash) {
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

bool IsOver(const Session& session, absl::Time now) { return session.ended || now >= session.end; }

}  // namespace

KnownSession::KnownSession(Session session, absl::Time used)
    : session_(std::move(session)), used_micros_(absl::ToUnixMicros(used)) {}

absl::Time KnownSession::LastUsed() const {
  return std::max(session_.last_used,
                  absl::FromUnixMicros(used_micros_.load(std::memory_order_relaxed)));
}

void KnownSession::Use(absl::Time at) const {
  // Two calls at once may lose the later of two instants that are microseconds apart.
  const int64_t micros = absl::ToUnixMicros(at);
  if (micros > used_micros_.load(std::memory_order_relaxed)) {
    used_micros_.store(micros, std::memory_order_relaxed);
  }
}

const KnownSession* AccountSnapshot::Find(const Digest32& token_hash) const {
  const std::string key = KeyOf(token_hash);
  for (const Layer* layer : {recent_.get(), base_.get()}) {
    const auto found = layer->sessions.find(key);
    if (found != layer->sessions.end()) return found->second.get();
  }
  return nullptr;
}

FacilitySettings AccountSnapshot::SettingsOf(const std::string& facility_code) const {
  for (const Layer* layer : {recent_.get(), base_.get()}) {
    const auto found = layer->settings.find(facility_code);
    if (found != layer->settings.end()) return found->second;
  }
  return {};
}

std::shared_ptr<const AccountSnapshot> AccountSnapshot::With(const AccountChanges& changes,
                                                             absl::Time now) const {
  const size_t changed = changes.sessions.size() + changes.settings.size();
  const size_t held = recent_->sessions.size() + recent_->settings.size();
  const bool fold = changed + held > kFoldAt;
  std::shared_ptr<Layer> layer;
  if (fold) {
    layer = std::make_shared<Layer>(*base_);
    for (const auto& [key, known] : recent_->sessions) layer->sessions[key] = known;
    for (const auto& [code, settings] : recent_->settings) layer->settings[code] = settings;
  } else {
    layer = std::make_shared<Layer>(*recent_);
  }
  for (const Session& session : changes.sessions) {
    const KnownSession* const before = Find(session.token_hash);
    layer->sessions[KeyOf(session.token_hash)] = std::make_shared<const KnownSession>(
        session, before != nullptr ? before->LastUsed() : session.last_used);
  }
  for (const StoredSettings& row : changes.settings) {
    layer->settings[row.facility_code] = row.settings;
  }
  auto next = std::make_shared<AccountSnapshot>();
  next->generation_ = changes.generation;
  if (fold) {
    absl::erase_if(layer->sessions,
                   [&](const auto& entry) { return IsOver(entry.second->session(), now); });
    next->base_ = std::move(layer);
  } else {
    next->base_ = base_;
    next->recent_ = std::move(layer);
  }
  return next;
}

std::vector<SessionUse> AccountSnapshot::UnwrittenUses(absl::Duration since_stored) const {
  std::vector<SessionUse> uses;
  const auto look = [&](const KnownSession& known) {
    const Session& session = known.session();
    const absl::Time used = known.LastUsed();
    if (!session.ended && used >= session.last_used + since_stored) {
      uses.push_back({session.token_hash, used});
    }
  };
  for (const auto& [key, known] : recent_->sessions) look(*known);
  for (const auto& [key, known] : base_->sessions) {
    if (!recent_->sessions.contains(key)) look(*known);
  }
  return uses;
}

AccountWatch::AccountWatch(Database& database, AccountStore& store, const Clock& clock)
    : database_(database),
      store_(store),
      clock_(clock),
      snapshot_(std::make_shared<const AccountSnapshot>()) {}

AccountWatch::~AccountWatch() { Stop(); }

absl::Status AccountWatch::Start() {
  absl::Status status = Poll(steady_clock::now() + kFirstReadBound);
  if (!status.ok()) return status;
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void AccountWatch::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const AccountSnapshot> AccountWatch::Current() const {
  if (Age() > kStaleAfter) return nullptr;
  return snapshot_.load(std::memory_order_acquire);
}

void AccountWatch::CatchUp(steady_clock::time_point deadline) {
  Poll(std::min(deadline, steady_clock::now() + kCatchUpBound)).IgnoreError();
}

absl::Status AccountWatch::Poll(steady_clock::time_point deadline) {
  const std::lock_guard lock(polling_);
  const auto asked = steady_clock::now();
  const auto before = snapshot_.load(std::memory_order_acquire);
  AccountChanges changes;
  absl::Status status = database_.Read(deadline, [&](Transaction& tx) -> absl::Status {
    auto read = store_.ReadSince(tx, before->generation());
    if (!read.ok()) return read.status();
    changes = *std::move(read);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (changes.generation != before->generation()) {
    snapshot_.store(before->With(changes, clock_.Now()), std::memory_order_release);
  }
  age_.Renew(asked);
  return absl::OkStatus();
}

void AccountWatch::WriteUses() {
  const auto snapshot = snapshot_.load(std::memory_order_acquire);
  const std::vector<SessionUse> uses = snapshot->UnwrittenUses(kUseUnwritten);
  if (uses.empty()) return;
  // What fails is written a minute later.
  database_
      .Write(steady_clock::now() + kWriteUsesBound,
             [&](Transaction& tx) { return store_.NoteUses(tx, uses); })
      .IgnoreError();
}

void AccountWatch::Run() {
  auto written = steady_clock::now();
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kPollEvery, [this] { return stop_; })) {
    lock.unlock();
    // A failed poll needs no action here: the age grows, and at 10 s Current() closes the door.
    Poll(steady_clock::now() + kPollBound).IgnoreError();
    if (steady_clock::now() >= written + kWriteUsesEvery) {
      WriteUses();
      written = steady_clock::now();
    }
    lock.lock();
  }
}

}  // namespace kakunin
