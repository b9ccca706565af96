#include "server/usecases/reception_apps.h"

#include <utility>

#include "auth/app_signature.h"
#include "auth/digest.h"
#include "auth/encoding.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"

namespace kakunin {
namespace {

constexpr char kNotAKey[] =
    "P-256の公開鍵 (PEM) ではありません。アプリの提供者に確かめてください。";
constexpr char kKeyOfAnother[] =
    "別のアプリの鍵です。アプリごとに新しい鍵を作るよう、提供者に依頼してください。";
constexpr char kWasRevoked[] = "失効したアプリは戻せません。別の番号で登録してください。";

}  // namespace

absl::StatusOr<RegisteredApp> RegisterReceptionApp(Transaction& tx, AuditRecord& record,
                                                   ReceptionAppStore& apps,
                                                   const AppToRegister& wanted,
                                                   bool validate_only) {
  AddDetail(record, "app", wanted.app_id);
  const auto key = auth::ReadAppKey(wanted.public_key_pem);
  if (!key) return InvalidFields({{"public_key_pem", kNotAKey}});
  ASSIGN_OR_RETURN(const auto known, apps.Hold(tx, wanted.app_id));
  if (known && known->revoked) return InvalidFields({{"app_id", kWasRevoked}});
  ReceptionApp app{.app_id = wanted.app_id,
                   .display_name = wanted.name,
                   .public_key = *key,
                   .registered = known ? known->registered : record.at};
  ASSIGN_OR_RETURN(const bool of_another, apps.IsKeyOfAnother(tx, app));
  if (of_another) return InvalidFields({{"public_key_pem", kKeyOfAnother}});
  AddDetail(record, "key", auth::HexEncode(auth::Sha256(*key)));
  AddDetail(record, "created", known ? 0 : 1);
  if (!validate_only) RETURN_IF_ERROR(apps.Put(tx, app));
  return RegisteredApp{.app = std::move(app), .created = !known};
}

absl::StatusOr<ReceptionApp> RevokeReceptionApp(Transaction& tx, AuditRecord& record,
                                                ReceptionAppStore& apps, const std::string& app_id,
                                                bool validate_only) {
  AddDetail(record, "app", app_id);
  ASSIGN_OR_RETURN(const auto known, apps.Hold(tx, app_id));
  if (!known) return MakeError(Reason::kReceptionAppNotFound);
  ReceptionApp app = *known;
  if (app.revoked) return app;
  app.revoked = record.at;
  if (!validate_only) RETURN_IF_ERROR(apps.Put(tx, app));
  return app;
}

absl::StatusOr<NamedApps> NameReceptionApp(Database& database, ReceptionAppStore& apps,
                                           const TerminalCall& call, const AppNaming& naming,
                                           MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord& record,
                       NamedApps& named) -> absl::StatusOr<std::optional<Reason>> {
    AddDetail(record, "app", naming.app_id);
    ASSIGN_OR_RETURN(const auto app, apps.Find(tx, naming.app_id));
    if (!app || (app->revoked && !naming.drop)) return std::optional(Reason::kReceptionAppNotFound);
    if (naming.drop) {
      AddDetail(record, "drop", 1);
      RETURN_IF_ERROR(apps.Drop(tx, call.facility_code, naming.app_id));
    } else {
      RETURN_IF_ERROR(apps.Name(tx, call.facility_code, naming.app_id, record.at));
    }
    ASSIGN_OR_RETURN(named.apps, apps.ListNamed(tx, call.facility_code));
    return Done();
  };
  return RunAudited<NamedApps>(database, call, deadline, act);
}

absl::StatusOr<NamedApps> ListNamedReceptionApps(Database& database, ReceptionAppStore& apps,
                                                 const TerminalCall& call, MonotonicTime deadline) {
  const auto act = [&](Transaction& tx, AuditRecord&,
                       NamedApps& named) -> absl::StatusOr<std::optional<Reason>> {
    ASSIGN_OR_RETURN(named.apps, apps.ListNamed(tx, call.facility_code));
    return Done();
  };
  return RunAudited<NamedApps>(database, call, deadline, act);
}

}  // namespace kakunin
