#include "domain/audit_chain.h"

namespace kakunin {

void AuditChain::Link(AuditRecord& record) {
  record.id = {stream_, place_.number + 1};
  record.previous_hash = place_.hash;
  octets_.clear();
  AppendCanonicalOctets(record, octets_);
  record.hash = hash_(octets_);
  place_ = {record.id.number, record.hash};
}

}  // namespace kakunin
