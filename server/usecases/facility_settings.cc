#include "server/usecases/facility_settings.h"

#include "server/usecases/acting_administrator.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"

namespace kakunin {
absl::StatusOr<ToldSettings> GetFacilitySettings(Database& database, FacilitySettingsStore& store,
                                                 const TerminalCall& call, MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord&,
                       ToldSettings& told) -> absl::StatusOr<std::optional<Reason>> {
    ASSIGN_OR_RETURN(told.stored, store.Find(tx, call.facility_code));
    return Done();
  };
  return RunAudited<ToldSettings>(database, call, deadline, act);
}

absl::StatusOr<ToldSettings> UpdateFacilitySettings(Database& database,
                                                    FacilitySettingsStore& store,
                                                    AccountStore& accounts,
                                                    const TerminalCall& call,
                                                    const FacilitySettings& wanted, int64_t seen,
                                                    MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       ToldSettings& told) -> absl::StatusOr<std::optional<Reason>> {
    ASSIGN_OR_RETURN(const auto shut, HoldActingAdministrator(tx, accounts, call));
    if (shut) return shut;
    ASSIGN_OR_RETURN(told.stored, store.Find(tx, call.facility_code));
    if (told.stored.change_number != seen) return std::optional(Reason::kSettingsChangedMeanwhile);
    if (told.stored.settings == wanted) return Done();
    told.stored.settings = wanted;
    ++told.stored.change_number;
    AddDetail(record, "change", told.stored.change_number);
    AddDetail(record, "kinds_not_used", wanted.kinds_not_used);
    AddDetail(record, "records_need_proven_role", wanted.records_need_proven_role ? 1 : 0);
    RETURN_IF_ERROR(store.Change(tx, {.facility_code = call.facility_code,
                                      .number = told.stored.change_number,
                                      .at = record.at,
                                      .user_name = record.user,
                                      .terminal_id = call.terminal_id,
                                      .settings = wanted}));
    return Done();
  };
  return RunAudited<ToldSettings>(database, call, deadline, act);
}

absl::StatusOr<SettingsChangePage> ListFacilitySettingsChanges(Database& database,
                                                               FacilitySettingsStore& store,
                                                               const TerminalCall& call,
                                                               int64_t before, int limit,
                                                               MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord&,
                       SettingsChangePage& page) -> absl::StatusOr<std::optional<Reason>> {
    ASSIGN_OR_RETURN(page.changes, store.Changes(tx, call.facility_code, before, limit));
    return Done();
  };
  return RunAudited<SettingsChangePage>(database, call, deadline, act);
}

}  // namespace kakunin
