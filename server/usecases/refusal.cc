#include "server/usecases/refusal.h"

#include "domain/error.h"

namespace kakunin {

bool IsOurRefusal(const absl::Status& status) {
  return !status.ok() && *ReasonOf(status) != Reason::kInternal;
}

void AddRefusal(const absl::Status& refusal, AuditRecord& record) {
  record.code = static_cast<int>(refusal.code());
  record.reason = FactsOf(*ReasonOf(refusal)).name;
}

}  // namespace kakunin
