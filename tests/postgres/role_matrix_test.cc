// Which role may do what to which table. A new table, or a new grant, fails here until its row is
// written: the table below is what was decided, the database what was done.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <pqxx/pqxx>
#include <set>

#include "storage/postgres/statement_failure.h"
#include "tests/support/test_database.h"

namespace kakunin {
namespace {

// Letters: s SELECT, i INSERT, u UPDATE, d DELETE, t TRUNCATE; c is UPDATE of some columns only.
struct Rights {
  const char* table;
  const char* terminal;
  const char* insurer;
  const char* operators;
  const char* job;
  const char* auditor;
  const char* onboarding = "";
};

constexpr Rights kMatrix[] = {
    // table                  terminal insurer operator job   auditor onboarding
    {"abnormal_times_policy", "s", "s", "sic", "", "", "s"},
    {"abnormal_times_view", "si", "", "", "sd", ""},
    {"account_generation", "sc", "", "sc", "", ""},
    {"account_session", "sic", "", "sc", "sd", ""},
    {"alarm", "i", "", "s", "sd", "s"},
    {"answer", "s", "siu", "siu", "siu", ""},
    {"applicant", "", "", "sc", "scd", "", "sic"},
    {"applicant_mail", "", "", "i", "sicd", ""},
    {"applicant_news", "", "", "si", "si", "", "s"},
    {"applicant_session", "", "", "sd", "", "", "sid"},
    {"application", "", "", "sc", "s", "", "sic"},
    {"application_step", "", "", "si", "", "", "si"},
    {"application_version", "", "", "s", "", "", "si"},
    {"audit_anchor", "", "", "", "", "s"},
    {"audit_event", "i", "i", "i", "i", "s", "i"},
    {"audit_event_default", "", "", "", "", ""},
    {"audit_head_keeper", "si", "si", "si", "", "", "si"},
    {"bulk_chunk", "sid", "", "", "sd", ""},
    {"bulk_inquiry", "sicd", "", "sc", "scd", ""},
    {"bulk_results", "sid", "", "", "sd", ""},
    {"bulk_rows", "sid", "", "", "sd", ""},
    {"card_link", "s", "sicd", "sic", "sic", ""},
    {"card_link_change", "s", "si", "", "s", ""},
    {"certificate_request", "si", "", "sc", "", "", "si"},
    {"certified_key", "si", "", "si", "", "", "si"},
    {"challenge", "sic", "", "", "sd", ""},
    {"confirmation", "si", "", "", "s", ""},
    {"confirmation_default", "", "", "", "", ""},
    {"consent_act", "si", "", "sc", "sd", ""},
    {"consent_end", "si", "", "si", "sd", ""},
    {"coverage", "s", "sic", "sic", "sd", ""},
    {"coverage_by_reference", "", "sicd", "sc", "sd", ""},
    {"coverage_reference_past", "", "si", "s", "sd", ""},
    {"crl_memory", "sic", "", "", "", ""},
    {"delivery_progress", "s", "sic", "", "", ""},
    {"enrolment_code", "", "", "si", "", "", "sc"},
    {"facility", "s", "s", "siu", "s", "", "sc"},
    {"facility_access", "s", "", "", "", ""},
    {"facility_account", "sic", "", "sic", "", ""},
    {"facility_access_default", "", "", "", "", ""},
    {"facility_access_progress", "s", "", "", "sc", ""},
    {"facility_settings", "sic", "", "", "", ""},
    {"facility_settings_change", "si", "", "", "", ""},
    {"feed", "", "siu", "s", "", ""},
    {"feed_card_link_row", "", "sid", "", "", ""},
    {"feed_certificate_row", "", "sid", "", "", ""},
    {"feed_chunk", "", "si", "", "", ""},
    {"feed_coverage_row", "", "sid", "", "", ""},
    {"feed_finding", "", "sid", "", "", ""},
    {"feed_health_check_row", "", "sid", "", "", ""},
    {"feed_lag", "", "sic", "", "", ""},
    {"feed_receipt_row", "", "sid", "", "", ""},
    {"feed_refused_number", "", "sid", "", "", ""},
    {"feed_release", "", "si", "si", "", ""},
    {"feed_risk", "", "sid", "s", "", ""},
    {"feed_sample", "", "sid", "", "", ""},
    {"feed_unchanged", "", "sid", "", "", ""},
    {"former_certificate", "s", "s", "sic", "", "", "s"},
    {"forgotten_revocation", "sic", "", "", "", ""},
    {"ground_reminder", "", "", "", "si", ""},
    {"health_check", "s", "sic", "sic", "sd", ""},
    {"health_check_by_reference", "", "sicd", "sc", "sd", ""},
    {"hidden_coverage", "", "sic", "", "sd", ""},
    {"hidden_health_check", "", "sic", "", "sd", ""},
    {"hidden_receipt", "", "sic", "", "sd", ""},
    {"identity_case", "", "sic", "sic", "", ""},
    {"identity_case_generation", "s", "sc", "sc", "", ""},
    {"identity_case_person", "s", "sic", "sic", "", ""},
    {"inquiry_count", "siu", "", "", "sd", ""},
    {"installation_key", "si", "si", "si", "", "s", "si"},
    {"insured_lookup", "s", "sid", "sid", "sd", ""},
    {"month_record", "s", "siud", "siud", "siud", ""},
    {"no_match_inquiry", "i", "", "", "s", ""},
    {"no_match_inquiry_default", "", "", "", "", ""},
    {"notice", "sc", "", "", "sid", ""},
    {"notice_counter", "s", "", "", "sic", ""},
    {"notice_person", "", "", "", "sid", ""},
    {"notice_work", "", "i", "i", "scd", ""},
    {"operation_test_item", "sic", "", "s", "", "", "s"},
    {"party", "s", "s", "siu", "", "", "s"},
    {"person", "", "si", "si", "si", ""},
    {"person_number", "", "si", "sic", "si", ""},
    {"person_protection", "s", "", "siu", "", ""},
    {"person_repair", "", "", "sic", "s", ""},
    {"person_repair_move", "", "", "si", "", ""},
    {"person_repair_named", "", "", "si", "", ""},
    {"person_repair_progress", "", "s", "sc", "", ""},
    {"protection_generation", "s", "", "sc", "", ""},
    {"receipt", "s", "sic", "sic", "sd", ""},
    {"receipt_by_reference", "", "sicd", "sc", "sd", ""},
    {"receipt_default", "", "", "", "", ""},
    {"reception_app", "s", "", "sic", "", ""},
    {"reception_app_naming", "sid", "", "s", "", ""},
    {"reception_link", "sic", "", "", "sd", ""},
    {"reception_token", "sid", "", "", "sd", ""},
    {"record_access", "si", "", "", "", ""},
    {"record_access_default", "", "", "", "", ""},
    {"reference_number", "sid", "", "sid", "", ""},
    {"reference_number_facility", "sic", "", "", "", ""},
    {"reference_number_generation", "sc", "", "", "", ""},
    {"registry_generation", "s", "s", "sc", "", "", "sc"},
    {"repair_exposure", "", "", "s", "s", ""},
    {"repaired_reference", "", "s", "si", "", ""},
    {"request_outcome", "", "siu", "siu", "sd", "", "siu"},
    {"retention_drop", "", "", "", "", "s"},
    {"retention_run", "", "", "", "", "s"},
    {"revoked_certificate", "", "", "si", "", ""},
    {"schema_migration", "s", "s", "s", "s", "s", "s"},
    {"terminal", "s", "s", "siu", "", "", "s"},
    {"test_person", "s", "s", "sic", "", "", "s"},
};

// Columns whose rights are what `c` above means.
const std::map<std::string, std::set<std::string>> kColumns = {
    {"abnormal_times_policy",
     {"approved_by", "approved_body", "approved_at", "ended_by", "ended_at", "signature",
      "generation"}},
    {"account_generation", {"generation"}},
    {"account_session",
     {"password_change_needed", "last_used_at", "ended_at", "ended_why", "generation"}},
    {"applicant", {"password_hash", "one_time_end", "wrong_tries", "last_log_in"}},
    {"applicant_mail", {"at"}},
    {"application",
     {"state", "version", "steps", "changed_at", "start_requested_at", "facility_type",
      "facility_name", "introduction_type"}},
    {"bulk_inquiry",
     {"state", "reason", "touched_at", "chunks", "rows", "answered", "errors", "not_found"}},
    {"card_link",
     {"medium", "superseded_at", "superseded_by_issuer_key_id", "superseded_by_serial"}},
    {"certificate_request",
     {"state", "decided_at", "decided_by", "delivered_at", "delivered_by", "certificate_der",
      "issuer_der"}},
    {"challenge", {"consumed_at", "used_by_request", "used_by_digest", "used_by_terminal"}},
    {"coverage", {"known_to"}},
    {"coverage_by_reference", {"row_hash"}},
    {"crl_memory", {"octets"}},
    {"delivery_progress", {"through"}},
    {"enrolment_code", {"wrong_tries", "used_at", "used_for"}},
    {"facility", {"ground_ending_day", "generation"}},
    {"facility_access_progress", {"through"}},
    {"facility_account",
     {"password_hash", "one_time_end", "wrong_tries", "locked_at", "disabled_at", "last_log_in"}},
    {"facility_settings",
     {"kinds_not_used", "uses_e_prescription", "shows_treatment_at_first", "shows_surgery_at_first",
      "records_need_proven_role", "change_number", "generation"}},
    {"feed_lag", {"rows"}},
    {"former_certificate", {"not_after", "generation"}},
    {"forgotten_revocation", {"until"}},
    {"health_check", {"known_to"}},
    {"health_check_by_reference", {"month"}},
    {"hidden_coverage", {"known_to"}},
    {"hidden_health_check", {"known_to"}},
    {"hidden_receipt", {"known_to"}},
    {"identity_case", {"state", "ended_at", "ended_by_kind", "ended_by", "decided_by"}},
    {"identity_case_generation", {"generation"}},
    {"identity_case_person", {"ended_at"}},
    {"notice", {"acknowledged_at", "acknowledged_terminal", "acknowledged_by"}},
    {"notice_counter", {"last"}},
    {"notice_work", {"seen_at", "gathered_at", "ended_at", "tried_at", "last_person"}},
    {"operation_test_item", {"ticked_at"}},
    {"person_repair", {"state", "decided_at", "decided_by", "decided_name"}},
    {"person_repair_progress", {"applied", "last_at"}},
    {"protection_generation", {"generation"}},
    {"receipt", {"known_to"}},
    {"receipt_by_reference", {"month"}},
    {"reception_app", {"display_name", "public_key", "revoked_at"}},
    {"reception_link", {"token_hash", "expires_at", "renewed_at", "revoked_at"}},
    {"reference_number_facility", {"counted_on", "asked", "not_found"}},
    {"reference_number_generation", {"generation"}},
    {"registry_generation", {"generation"}},
    {"test_person", {"published", "generation"}},
};

// Where the operators' port may change other columns than the others may: repairs lead what has no
// known period to another person.
const std::map<std::string, std::set<std::string>> kOperatorColumns = {
    {"account_session", {"ended_at", "ended_why", "generation"}},
    {"applicant",
     {"state", "confirmed_at", "confirmed_by", "password_given_by", "password_hash", "one_time_end",
      "wrong_tries"}},
    {"application", {"state", "steps", "changed_at"}},
    {"bulk_inquiry", {"state"}},
    {"card_link",
     {"person_id", "medium", "superseded_at", "superseded_by_issuer_key_id",
      "superseded_by_serial"}},
    {"consent_act", {"person_id"}},
    {"coverage_by_reference", {"person_id", "row_hash"}},
    {"health_check_by_reference", {"person_id"}},
    {"person_number", {"person_id", "known_to", "replaced_by", "replaced_on"}},
    {"receipt_by_reference", {"person_id"}},
};

const std::map<std::string, std::set<std::string>> kJobColumns = {{"applicant", {"last_log_in"}},
                                                                  {"bulk_inquiry", {"state"}}};

const std::set<std::string>& ColumnsOf(std::string_view role, const std::string& table) {
  const auto of_job = kJobColumns.find(table);
  if (role == "kakunin_job" && of_job != kJobColumns.end()) return of_job->second;
  const auto own = kOperatorColumns.find(table);
  return role == "kakunin_operator" && own != kOperatorColumns.end() ? own->second
                                                                     : kColumns.at(table);
}

const char* RightsOf(const Rights& row, std::string_view role) {
  if (role == "kakunin_terminal") return row.terminal;
  if (role == "kakunin_insurer") return row.insurer;
  if (role == "kakunin_operator") return row.operators;
  if (role == "kakunin_job") return row.job;
  if (role == "kakunin_onboarding") return row.onboarding;
  return row.auditor;
}

// Tables lists what stands in the schema; months of a partitioned table count as its default.
std::set<std::string> Tables(const TestDatabase& database) {
  std::set<std::string> tables;
  for (const auto& row :
       database.Exec("SELECT regexp_replace(relname, '_\\d{4}_\\d\\d$',"
                     " '_default') FROM pg_class WHERE relnamespace ="
                     " 'kakunin'::regnamespace AND relkind IN ('r','p','v','m')")) {
    tables.insert(row[0].c_str());
  }
  return tables;
}

// Try runs one statement as the role of `connection` and tells the SQLSTATE, "" when it went.
std::string Try(pqxx::connection& connection, const std::string& sql) {
  return SqlStateOf(RunStatements([&] {
    pqxx::work work(connection);
    work.exec(sql);
    return absl::OkStatus();
  }));
}

// StatementFor touches no row (TRUNCATE is rolled back), so that only the right decides.
std::string StatementFor(char verb, const std::string& table, const std::string& column) {
  switch (verb) {
    case 's':
      return fmt::format("SELECT {} FROM kakunin.{} WHERE false", column, table);
    case 'i':
      return fmt::format("INSERT INTO kakunin.{0} SELECT (null::kakunin.{0}).* WHERE false", table);
    case 'u':
      return fmt::format("UPDATE kakunin.{} SET {} = null", table, column);
    case 'd':
      return fmt::format("DELETE FROM kakunin.{}", table);
    default:
      return fmt::format("TRUNCATE kakunin.{}", table);
  }
}

TEST(RoleMatrix, NamesEveryTableOfTheSchema) {
  const TestDatabase database;
  std::set<std::string> written;
  for (const Rights& row : kMatrix) written.insert(row.table);
  EXPECT_EQ(written, Tables(database));
}

TEST(RoleMatrix, EveryVerbOfEveryRoleOnEveryTableIsAsWritten) {
  const TestDatabase database;
  std::map<std::string, std::vector<std::string>> columns;
  for (const auto& row : database.Exec("SELECT table_name, column_name FROM"
                                       " information_schema.columns WHERE table_schema = 'kakunin'"
                                       " ORDER BY ordinal_position")) {
    columns[row[0].c_str()].push_back(row[1].c_str());
  }
  int tried = 0;
  for (const char* role : kTestRoles) {
    pqxx::connection connection(database.ConnInfo(role));
    for (const Rights& row : kMatrix) {
      const std::string allowed = RightsOf(row, role);
      for (const char verb : {'s', 'i', 'd', 't'}) {
        const bool may = allowed.find(verb) != std::string::npos;
        const std::string state =
            Try(connection, StatementFor(verb, row.table, columns[row.table].front()));
        EXPECT_EQ(state, may ? "" : "42501") << role << ' ' << verb << ' ' << row.table;
        ++tried;
      }
      for (const std::string& column : columns[row.table]) {
        const bool some =
            allowed.find('c') != std::string::npos && ColumnsOf(role, row.table).contains(column);
        const bool may = some || allowed.find('u') != std::string::npos;
        // An update without a condition needs no right to read; on an empty table nothing changes.
        const std::string state = Try(connection, StatementFor('u', row.table, column));
        const bool refused = state == "42501";
        EXPECT_EQ(refused, !may) << role << " u " << row.table << '.' << column << ' ' << state;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 1000);
}

TEST(RoleMatrix, NobodyElseHasAnyRight) {
  const TestDatabase database;
  const pqxx::result grants = database.Exec(
      "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
      " WHERE table_schema = 'kakunin' AND grantee NOT IN ('kakunin_owner', 'kakunin_terminal',"
      " 'kakunin_insurer', 'kakunin_operator', 'kakunin_job', 'kakunin_auditor',"
      " 'kakunin_onboarding')");
  EXPECT_EQ(grants.size(), 0u);
  // Nor does a serving role have any but the verbs above, or the right to pass one on.
  const pqxx::result others = database.Exec(
      "SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants"
      " WHERE table_schema = 'kakunin' AND grantee <> 'kakunin_owner' AND (is_grantable = 'YES' OR"
      " privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))");
  EXPECT_EQ(others.size(), 0u);
}

TEST(RoleMatrix, FunctionsAreForTheServingRolesAlone) {
  const TestDatabase database;
  std::map<std::string, std::set<std::string>> may;
  for (const auto& row :
       database.Exec("SELECT p.proname, r.rolname FROM pg_proc p, pg_roles r"
                     " WHERE p.pronamespace = 'kakunin'::regnamespace AND NOT r.rolsuper"
                     " AND r.rolname NOT IN ('kakunin_owner', 'kakunin_migrate')"
                     " AND has_function_privilege(r.oid, p.oid, 'EXECUTE')")) {
    may[row[0].c_str()].insert(row[1].c_str());
  }
  const std::set<std::string> serving = {"kakunin_terminal", "kakunin_insurer", "kakunin_operator",
                                         "kakunin_job", "kakunin_onboarding"};
  const std::map<std::string, std::set<std::string>> expected = {
      {"abnormal_times_uses", {"kakunin_operator"}},
      {"audit_heads_not_kept",
       {"kakunin_terminal", "kakunin_insurer", "kakunin_operator", "kakunin_job",
        "kakunin_onboarding", "kakunin_auditor"}},
      {"audit_row_exists", serving},
      {"copy_facility_access", {"kakunin_job"}},
      {"default_partitions", serving},
      {"facility_decision", {"kakunin_terminal"}},
      {"hold_consents", {"kakunin_terminal"}},
      {"note_repair_exposures", {"kakunin_operator"}},
      {"persons_of_case_now", {"kakunin_insurer"}},
      {"undone_card_exposures", {"kakunin_job"}}};
  EXPECT_EQ(may, expected);
}

TEST(RoleMatrix, NoServingRoleMakesObjectsRolesOrBecomesAnother) {
  const TestDatabase database;
  for (const char* role : kTestRoles) {
    pqxx::connection connection(database.ConnInfo(role));
    EXPECT_EQ(Try(connection, "CREATE TABLE kakunin.mine (x int)"), "42501") << role;
    EXPECT_EQ(Try(connection, "CREATE TABLE public.mine (x int)"), "42501") << role;
    EXPECT_EQ(Try(connection, "CREATE ROLE kakunin_mine"), "42501") << role;
    EXPECT_EQ(Try(connection, "SET ROLE kakunin_owner"), "42501") << role;
    EXPECT_EQ(Try(connection, "SET ROLE kakunin_migrate"), "42501") << role;
  }
}

}  // namespace
}  // namespace kakunin
