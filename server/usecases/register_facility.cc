#include "server/usecases/register_facility.h"

#include "domain/error.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

absl::StatusOr<RegisteredFacility> RegisterFacility(Transaction& tx, AuditRecord& record,
                                                    RegistryStore& registry,
                                                    const FacilityRow& facility,
                                                    bool validate_only) {
  ASSIGN_OR_RETURN(const auto known, registry.FindFacility(tx, facility.facility_code));
  AddDetail(record, "facility", facility.facility_code);
  AddDetail(record, "created", known ? 0 : 1);
  AddDetail(record, "active", facility.active ? 1 : 0);
  if (!facility.municipality_code.empty()) {
    AddDetail(record, "municipality", facility.municipality_code);
  }
  FacilityRow said = facility;
  if (!said.municipality_code.empty()) said.municipality_since = record.at;
  if (!validate_only) RETURN_IF_ERROR(registry.PutFacility(tx, said));
  return RegisteredFacility{facility, !known.has_value()};
}

}  // namespace kakunin
