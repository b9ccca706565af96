#include "server/usecases/audit_stream.h"

#include "auth/digest.h"
#include "storage/store_error.h"

namespace kakunin {

bool AuditStream::Connect(MonotonicTime deadline) {
  if (store_.Connected() && chain_) return true;
  chain_.reset();
  if (!store_.Connected() && !store_.Reconnect(deadline).ok()) return false;
  chain_.emplace(StreamId{auth::RandomArray<16>()}, hash_);
  return true;
}

absl::Status AuditStream::Write(const std::function<absl::Status(AuditChain&)>& write) {
  if (!store_.Connected() || !chain_) return StoreError(StoreFailure::kUnavailable);
  const AuditChain::Place place = chain_->place();
  absl::Status status = write(*chain_);
  if (!status.ok()) chain_->ReturnTo(place);
  // Another usecase may reconnect before this one does.
  if (!store_.Connected()) chain_.reset();
  return status;
}

absl::StatusOr<bool> AuditStream::Exists(const AuditId& id, MonotonicTime deadline) {
  if (!Connect(deadline)) return StoreError(StoreFailure::kUnknownOutcome);
  return store_.AuditRowExists(id, deadline);
}

}  // namespace kakunin
