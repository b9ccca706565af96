#include "storage/postgres/abnormal_times_store.h"

#include <pqxx/result>

#include "storage/postgres/abnormal_times_row.h"
#include "storage/postgres/database.h"
#include "storage/postgres/registry_generation.h"
#include "storage/postgres/statement_failure.h"
#include "storage/postgres/text_value.h"

namespace kakunin {
namespace {

std::string SelectPolicies() {
  return std::string("SELECT ") + kPolicyColumns + " FROM kakunin.abnormal_times_policy";
}

// An absent value of a statement whose parameter is read by nullif.
std::string TextOf(const std::optional<absl::Time>& at) { return at ? InstantText(*at) : ""; }

template <class Id>
std::string TextOf(const Id& id) {
  return id == Id{} ? std::string() : UuidText(id);
}

template <class Number>
std::optional<int> NumberOf(const std::optional<Number>& number) {
  if (!number) return std::nullopt;
  return static_cast<int>(*number);
}

std::vector<std::string> TextsOf(const pqxx::result& rows) {
  std::vector<std::string> texts;
  for (const auto& row : rows) texts.emplace_back(row[0].c_str());
  return texts;
}

}  // namespace

absl::StatusOr<std::optional<SignedPolicy>> PostgresAbnormalTimesStore::Hold(Transaction& tx,
                                                                             const PolicyId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<SignedPolicy>> {
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        SelectPolicies() + " WHERE policy_id = $1::uuid FOR UPDATE", UuidText(id));
    if (rows.empty()) return std::optional<SignedPolicy>();
    return std::optional(PolicyFrom(rows[0]));
  });
}

absl::Status PostgresAbnormalTimesStore::Put(Transaction& tx, const SignedPolicy& policy) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    const int64_t generation = NextRegistryGeneration(work);
    const AbnormalTimesPolicy& p = policy.policy;
    work.exec_params(
        "INSERT INTO kakunin.abnormal_times_policy (policy_id, situation, order_number, order_day,"
        " municipalities, facilities, from_at, to_at, kinds, rehearsal, extends, note, proposed_by,"
        " proposed_body, proposed_at, approved_by, approved_body, approved_at, ended_by, ended_at,"
        " signature, generation) VALUES ($1::uuid, $2, $3, nullif($4, '')::date, $5::text[],"
        " $6::text[], $7::timestamptz, $8::timestamptz, $9, $10, nullif($11, '')::uuid, $12, $13,"
        " $14, $15::timestamptz, nullif($16, ''), nullif($17, ''), nullif($18, '')::timestamptz,"
        " nullif($19, ''), nullif($20, '')::timestamptz, $21::bytea, $22)"
        " ON CONFLICT (policy_id) DO UPDATE SET approved_by = excluded.approved_by,"
        " approved_body = excluded.approved_body, approved_at = excluded.approved_at,"
        " ended_by = excluded.ended_by, ended_at = excluded.ended_at,"
        " signature = excluded.signature, generation = excluded.generation",
        UuidText(p.id), static_cast<int>(p.situation), p.order_number,
        p.order_day ? DayText(*p.order_day) : "", TextArray(p.municipalities),
        TextArray(p.facilities), InstantText(p.from), InstantText(p.to), static_cast<int>(p.kinds),
        p.rehearsal, TextOf(p.extends), p.note, p.proposed_by, p.proposed_body,
        InstantText(p.proposed_at), p.approved_by, p.approved_body, TextOf(p.approved_at),
        p.ended_by, TextOf(p.ended_at), ByteaText(policy.signature), generation);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::optional<SignedPolicy>> PostgresAbnormalTimesStore::Find(Transaction& tx,
                                                                             const PolicyId& id) {
  return RunStatements([&]() -> absl::StatusOr<std::optional<SignedPolicy>> {
    const pqxx::result rows = PostgresTransaction::Work(tx).exec_params(
        SelectPolicies() + " WHERE policy_id = $1::uuid", UuidText(id));
    if (rows.empty()) return std::optional<SignedPolicy>();
    return std::optional(PolicyFrom(rows[0]));
  });
}

absl::StatusOr<std::vector<SignedPolicy>> PostgresAbnormalTimesStore::List(Transaction& tx,
                                                                           const PolicyPlace& after,
                                                                           int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<SignedPolicy>> {
    std::vector<SignedPolicy> policies;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             SelectPolicies() + " WHERE proposed_at < $1::timestamptz"
                                " OR (proposed_at = $1::timestamptz AND policy_id > $2::uuid)"
                                " ORDER BY proposed_at DESC, policy_id LIMIT $3",
             InstantText(after.proposed_at), UuidText(after.id), limit)) {
      policies.push_back(PolicyFrom(row));
    }
    return policies;
  });
}

absl::StatusOr<int> PostgresAbnormalTimesStore::CountReached(Transaction& tx,
                                                             const AbnormalTimesPolicy& policy) {
  return RunStatements([&]() -> absl::StatusOr<int> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT count(*) FROM kakunin.facility WHERE active AND (facility_code ="
            " ANY ($1::text[]) OR municipality_code = ANY ($2::text[]))",
            TextArray(policy.facilities), TextArray(policy.municipalities))[0][0]
        .as<int>();
  });
}

absl::StatusOr<int> PostgresAbnormalTimesStore::CountBeyond(Transaction& tx,
                                                            const AbnormalTimesPolicy& policy,
                                                            const AbnormalTimesPolicy& first) {
  return RunStatements([&]() -> absl::StatusOr<int> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT count(*) FROM (SELECT facility_code AS code,"
            "  coalesce(municipality_code, '') AS place FROM kakunin.facility) f"
            " WHERE (code = ANY ($1::text[]) OR place = ANY ($2::text[]))"
            " AND NOT (code = ANY ($3::text[]) OR place = ANY ($4::text[]))",
            TextArray(policy.facilities), TextArray(policy.municipalities),
            TextArray(first.facilities), TextArray(first.municipalities))[0][0]
        .as<int>();
  });
}

absl::StatusOr<std::vector<std::string>> PostgresAbnormalTimesStore::UnknownFacilities(
    Transaction& tx, const AbnormalTimesPolicy& policy) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<std::string>> {
    return TextsOf(PostgresTransaction::Work(tx).exec_params(
        "SELECT code FROM unnest($1::text[]) code WHERE NOT EXISTS"
        " (SELECT FROM kakunin.facility f WHERE f.facility_code = code) ORDER BY code",
        TextArray(policy.facilities)));
  });
}

absl::StatusOr<std::vector<std::string>> PostgresAbnormalTimesStore::NotHospitals(
    Transaction& tx, const AbnormalTimesPolicy& policy) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<std::string>> {
    return TextsOf(PostgresTransaction::Work(tx).exec_params(
        "SELECT facility_code FROM kakunin.facility WHERE facility_code = ANY ($1::text[])"
        " AND facility_type <> $2 ORDER BY facility_code",
        TextArray(policy.facilities), static_cast<int>(FacilityType::kHospital)));
  });
}

absl::StatusOr<std::vector<ReportedUse>> PostgresAbnormalTimesStore::ListUses(
    Transaction& tx, const PolicyId& policy, const UsePlace& after, int limit) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<ReportedUse>> {
    std::vector<ReportedUse> uses;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT at, stream, number, facility_code, terminal_id, facility_user, role, "
             "operation,"
             " oral_consent, no_consent, persons_found, pseudonym, view_id, reason"
             " FROM kakunin.abnormal_times_uses($1::uuid, $2::timestamptz, $3::uuid, $4, $5)",
             UuidText(policy), InstantText(after.at), UuidText(after.audit_id.stream),
             after.audit_id.number, limit)) {
      ReportedUse& use = uses.emplace_back();
      use.place.at = InstantFromText(row[0].c_str());
      use.place.audit_id = {UuidFromText<StreamId>(row[1].c_str()), row[2].as<int64_t>()};
      AbnormalView& view = use.view;
      view.policy = policy;
      view.at = use.place.at;
      view.facility_code = row[3].c_str();
      view.terminal_id = row[4].c_str();
      view.user = row[5].c_str();
      view.role = row[6].as<int>();
      view.operation = row[7].as<int>();
      if (!row[8].is_null()) view.consent = static_cast<OralConsent>(row[8].as<int>());
      if (!row[9].is_null()) view.no_consent = static_cast<NoConsentReason>(row[9].as<int>());
      view.persons_found = row[10].as<int>();
      if (!row[11].is_null()) view.person = UuidFromText<PersonPseudonym>(row[11].c_str());
      view.id = UuidFromText<ViewId>(row[12].c_str());
      view.reason = row[13].c_str();
    }
    return uses;
  });
}

absl::StatusOr<std::vector<NumberedCoverage>> PostgresAbnormalTimesStore::FindByKey(
    Transaction& tx, const KeyHash& key) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<NumberedCoverage>> {
    const auto day = [](const pqxx::field& field) -> std::optional<absl::CivilDay> {
      if (field.is_null()) return std::nullopt;
      return DayFromText(field.c_str());
    };
    std::vector<NumberedCoverage> coverages;
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT c.person_id, c.qualification_date, c.disqualification_date,"
             " c.certificate_valid_from, c.certificate_valid_through"
             " FROM kakunin.insured_lookup l JOIN kakunin.coverage c ON c.person_id = l.person_id"
             " WHERE l.key_hash = $1::uuid AND c.known_to IS NULL AND c.visible"
             " AND $1::uuid IN (c.key_without_branch, c.key_with_branch) LIMIT 100",
             UuidText(key))) {
      NumberedCoverage& found = coverages.emplace_back();
      found.person = UuidFromText<PersonId>(row[0].c_str());
      found.days.qualification_date = DayFromText(row[1].c_str());
      found.days.disqualification_date = day(row[2]);
      found.days.certificate_valid_from = day(row[3]);
      found.days.certificate_valid_through = day(row[4]);
    }
    return coverages;
  });
}

absl::StatusOr<std::vector<NamedCoverage>> PostgresAbnormalTimesStore::FindBorn(Transaction& tx,
                                                                                absl::CivilDay born,
                                                                                Sex sex) {
  return RunStatements([&]() -> absl::StatusOr<std::vector<NamedCoverage>> {
    std::vector<NamedCoverage> coverages;
    // An address that is hidden must not be guessed here either.
    for (const auto& row : PostgresTransaction::Work(tx).exec_params(
             "SELECT c.person_id, c.name, c.name_kana, c.other_name, c.other_name_kana, c.address"
             " FROM kakunin.coverage c WHERE c.birth_date = $1::date AND c.sex = $2"
             " AND c.known_to IS NULL AND c.visible AND NOT EXISTS"
             " (SELECT FROM kakunin.person_protection p WHERE p.person_id = c.person_id"
             "  AND (p.hide_address OR p.hide_facility_names)) LIMIT $3",
             DayText(born), static_cast<int>(sex), kMostBornOnADay + 1)) {
      coverages.push_back({.person = UuidFromText<PersonId>(row[0].c_str()),
                           .name = row[1].c_str(),
                           .name_kana = row[2].c_str(),
                           .other_name = row[3].c_str(),
                           .other_name_kana = row[4].c_str(),
                           .address = row[5].c_str()});
    }
    return coverages;
  });
}

absl::StatusOr<bool> PostgresAbnormalTimesStore::IsInQuestion(Transaction& tx,
                                                              const PersonId& person) {
  return RunStatements([&]() -> absl::StatusOr<bool> {
    return PostgresTransaction::Work(tx)
        .exec_params(
            "SELECT EXISTS (SELECT FROM kakunin.identity_case_person"
            " WHERE person_id = $1::uuid AND ended_at IS NULL)",
            UuidText(person))[0][0]
        .as<bool>();
  });
}

absl::Status PostgresAbnormalTimesStore::AddView(Transaction& tx, const AbnormalView& view,
                                                 const AuditId& audit_id,
                                                 const std::optional<RecordAccess>& access) {
  return RunStatements([&]() -> absl::Status {
    pqxx::transaction_base& work = PostgresTransaction::Work(tx);
    work.exec_params(
        "INSERT INTO kakunin.abnormal_times_view (view_id, policy_id, at, ends_at, facility_code,"
        " terminal_id, facility_user, role, operation, oral_consent, no_consent, persons_found,"
        " pseudonym, stream, number) VALUES ($1::uuid, $2::uuid, $3::timestamptz, $4::timestamptz,"
        " $5, $6, $7, $8, $9, $10, $11, $12, nullif($13, '')::uuid, $14::uuid, $15)",
        UuidText(view.id), UuidText(view.policy), InstantText(view.at), InstantText(view.end),
        view.facility_code, view.terminal_id, view.user, view.role, view.operation,
        NumberOf(view.consent), NumberOf(view.no_consent), view.persons_found,
        view.person ? UuidText(*view.person) : std::string(), UuidText(audit_id.stream),
        audit_id.number);
    if (!access) return absl::OkStatus();
    work.exec_params(
        "INSERT INTO kakunin.record_access (person_id, at, stream, number, facility_code,"
        " facility_user, operation, reason, view_id) VALUES ($1::uuid, $2::timestamptz, $3::uuid,"
        " $4, $5, $6, $7, $8, $9::uuid)",
        UuidText(access->person), InstantText(access->at), UuidText(audit_id.stream),
        audit_id.number, access->facility_code, access->user, access->operation, access->reason,
        UuidText(access->view));
    return absl::OkStatus();
  });
}

}  // namespace kakunin
