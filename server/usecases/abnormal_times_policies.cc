#include "server/usecases/abnormal_times_policies.h"

#include <algorithm>

#include "auth/encoding.h"
#include "domain/error.h"
#include "server/usecases/administrative_write.h"
#include "server/usecases/audited_call.h"
#include "server/usecases/policy_signature.h"

namespace kakunin {
namespace {

constexpr char kUnknownFacility[] = "登録されていない医療機関等コードがあります: ";
constexpr char kNotAHospital[] = "病院でない医療機関等があります: ";
constexpr char kReachesNobody[] =
    "対象となる医療機関等がありません。市区町村かコードを確かめてください。";
constexpr char kNotExtensible[] =
    "延長のもとになる指定が見つからないか、種類・訓練の別・情報の種類が合いません。";
constexpr char kReachesFurther[] =
    "延長では、もとの指定にない市区町村・医療機関等を加えられません。新しい指定を申請してください"
    "。";
constexpr char kNotBehind[] = "延長の始まりは、もとの指定の終わりまでにしてください。";
constexpr char kNotLater[] = "延長の終わりは、もとの指定の終わりより後にしてください。";

// As the database keeps it.
absl::Time Micros(absl::Time at) {
  return at == absl::InfiniteFuture() ? at : absl::FromUnixMicros(absl::ToUnixMicros(at));
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

void AddPolicy(AuditRecord& record, const AbnormalTimesPolicy& policy) {
  AddDetail(record, "policy", auth::HexEncode(policy.id.octets));
  AddDetail(record, "situation", static_cast<int64_t>(policy.situation));
  AddDetail(record, "rehearsal", policy.rehearsal ? 1 : 0);
}

absl::StatusOr<ToldPolicy> Tell(Transaction& tx, const PolicyDesk& desk,
                                const SignedPolicy& stored) {
  ASSIGN_OR_RETURN(const int reached, desk.store.CountReached(tx, stored.policy));
  return ToldPolicy{.policy = stored.policy,
                    .signature_good = desk.key != nullptr && IsSigned(*desk.key, stored),
                    .facilities_reached = reached};
}

absl::Status CheckExtension(Transaction& tx, const PolicyDesk& desk,
                            const AbnormalTimesPolicy& wanted) {
  ASSIGN_OR_RETURN(const auto found, desk.store.Hold(tx, wanted.extends));
  const char field[] = "content.extends_policy_id";
  if (!found || !found->policy.approved_at || found->policy.ended_at ||
      !IsSigned(*desk.key, *found) || found->policy.situation != wanted.situation ||
      found->policy.rehearsal != wanted.rehearsal || (wanted.kinds & ~found->policy.kinds) != 0) {
    return InvalidFields({{field, kNotExtensible}});
  }
  const AbnormalTimesPolicy& first = found->policy;
  // A facility may be named by code that the first reached by its municipality.
  ASSIGN_OR_RETURN(const int beyond, desk.store.CountBeyond(tx, wanted, first));
  if (beyond > 0 || !std::ranges::includes(first.municipalities, wanted.municipalities)) {
    return InvalidFields({{field, kReachesFurther}});
  }
  // An extension goes on where the first ends, and does not begin anew behind a gap.
  if (wanted.from > first.to) return InvalidFields({{"content.from_time", kNotBehind}});
  if (wanted.to <= first.to) return InvalidFields({{"content.to_time", kNotLater}});
  return absl::OkStatus();
}

absl::StatusOr<SignedPolicy> HoldKnown(Transaction& tx, AuditRecord& record, const PolicyDesk& desk,
                                       const PolicyId& id) {
  ASSIGN_OR_RETURN(const auto found, desk.store.Hold(tx, id));
  if (!found) return MakeError(Reason::kPolicyNotFound);
  AddPolicy(record, found->policy);
  return *found;
}

}  // namespace

absl::StatusOr<ToldPolicy> ProposePolicy(Transaction& tx, AuditRecord& record,
                                         const PolicyDesk& desk, const Operator& by,
                                         AbnormalTimesPolicy wanted, bool validate_only) {
  if (desk.key == nullptr) return MakeError(Reason::kPolicyKeyMissing);
  if (by.body.empty()) return MakeError(Reason::kPolicyBodyMissing);
  for (auto* names : {&wanted.municipalities, &wanted.facilities}) {
    std::ranges::sort(*names);
    names->erase(std::unique(names->begin(), names->end()), names->end());
  }
  wanted.from = Micros(wanted.from);
  wanted.to = Micros(wanted.to);
  wanted.id = PolicyId{auth::RandomArray<16>()};
  wanted.proposed_by = by.name;
  wanted.proposed_body = by.body;
  wanted.proposed_at = Micros(record.at);
  AddPolicy(record, wanted);
  ASSIGN_OR_RETURN(const auto unknown, desk.store.UnknownFacilities(tx, wanted));
  if (!unknown.empty()) {
    return InvalidFields({{"content.facility_codes", kUnknownFacility + Joined(unknown)}});
  }
  if (wanted.situation == Situation::kEmergency) {
    ASSIGN_OR_RETURN(const auto others, desk.store.NotHospitals(tx, wanted));
    if (!others.empty()) {
      return InvalidFields({{"content.facility_codes", kNotAHospital + Joined(others)}});
    }
  }
  if (wanted.extends != PolicyId{}) RETURN_IF_ERROR(CheckExtension(tx, desk, wanted));
  const SignedPolicy proposed = SignPolicy(*desk.key, wanted);
  ASSIGN_OR_RETURN(ToldPolicy told, Tell(tx, desk, proposed));
  if (told.facilities_reached == 0) {
    return InvalidFields({{"content.municipality_codes", kReachesNobody}});
  }
  AddDetail(record, "facilities", told.facilities_reached);
  if (!validate_only) RETURN_IF_ERROR(desk.store.Put(tx, proposed));
  return told;
}

absl::StatusOr<ToldPolicy> ApprovePolicy(Transaction& tx, AuditRecord& record,
                                         const PolicyDesk& desk, const Operator& by,
                                         const PolicyId& id, bool validate_only) {
  if (desk.key == nullptr) return MakeError(Reason::kPolicyKeyMissing);
  if (by.body.empty()) return MakeError(Reason::kPolicyBodyMissing);
  ASSIGN_OR_RETURN(const SignedPolicy stored, HoldKnown(tx, record, desk, id));
  AbnormalTimesPolicy policy = stored.policy;
  if (!IsSigned(*desk.key, stored)) return MakeError(Reason::kPolicySignatureWrong);
  if (policy.approved_at || policy.ended_at) return MakeError(Reason::kPolicyDecided);
  if (record.at >= policy.to) return MakeError(Reason::kPolicyOver);
  if (policy.proposed_by == by.name) return MakeError(Reason::kPolicySameOperator);
  if (policy.proposed_body == by.body) return MakeError(Reason::kPolicySameBody);
  policy.approved_by = by.name;
  policy.approved_body = by.body;
  policy.approved_at = Micros(record.at);
  const SignedPolicy approved = SignPolicy(*desk.key, policy);
  if (!validate_only) RETURN_IF_ERROR(desk.store.Put(tx, approved));
  return Tell(tx, desk, approved);
}

absl::StatusOr<ToldPolicy> EndPolicy(Transaction& tx, AuditRecord& record, const PolicyDesk& desk,
                                     const Operator& by, const PolicyId& id, bool validate_only) {
  ASSIGN_OR_RETURN(SignedPolicy stored, HoldKnown(tx, record, desk, id));
  if (stored.policy.ended_at) return Tell(tx, desk, stored);
  if (record.at >= stored.policy.to) return MakeError(Reason::kPolicyOver);
  const bool good = desk.key != nullptr && IsSigned(*desk.key, stored);
  stored.policy.ended_by = by.name;
  stored.policy.ended_at = Micros(record.at);
  if (good) stored = SignPolicy(*desk.key, stored.policy);
  if (!validate_only) RETURN_IF_ERROR(desk.store.Put(tx, stored));
  return Tell(tx, desk, stored);
}

absl::StatusOr<PolicyPage> ListPolicies(Transaction& tx, AuditRecord& record,
                                        const PolicyDesk& desk, const PolicyPlace& after,
                                        int limit) {
  PolicyPage page;
  ASSIGN_OR_RETURN(auto stored, desk.store.List(tx, after, limit + 1));
  if (CutPage(stored, limit)) {
    const AbnormalTimesPolicy& last = stored.back().policy;
    page.next = PolicyPlace{.proposed_at = last.proposed_at, .id = last.id};
  }
  for (const SignedPolicy& one : stored) {
    ASSIGN_OR_RETURN(ToldPolicy policy, Tell(tx, desk, one));
    page.policies.push_back(std::move(policy));
  }
  AddDetail(record, "policies", static_cast<int64_t>(page.policies.size()));
  return page;
}

absl::StatusOr<ToldPolicy> ShowPolicy(Transaction& tx, AuditRecord& record, const PolicyDesk& desk,
                                      const PolicyId& id) {
  ASSIGN_OR_RETURN(const auto stored, desk.store.Find(tx, id));
  if (!stored) return MakeError(Reason::kPolicyNotFound);
  AddPolicy(record, stored->policy);
  return Tell(tx, desk, *stored);
}

absl::StatusOr<PolicyReport> ReportPolicy(Transaction& tx, AuditRecord& record,
                                          const PolicyDesk& desk, const PolicyId& id,
                                          const UsePlace& after, int limit) {
  PolicyReport report;
  ASSIGN_OR_RETURN(report.policy, ShowPolicy(tx, record, desk, id));
  ASSIGN_OR_RETURN(report.uses, desk.store.ListUses(tx, id, after, limit + 1));
  if (CutPage(report.uses, limit)) report.next = report.uses.back().place;
  AddDetail(record, "uses", static_cast<int64_t>(report.uses.size()));
  return report;
}

}  // namespace kakunin
