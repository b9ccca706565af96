// The rules of the schema, held over the catalogue: what lets it be spread over several nodes, and
// what keeps months and instants right.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/test_database.h"

namespace kakunin {
namespace {

// The shard key of every table: the column by which its rows would be spread. Empty: a small
// reference table that would stand on every node.
const std::map<std::string, std::string> kShardKeys = {
    {"abnormal_times_policy", ""},
    {"abnormal_times_view", "view_id"},
    {"account_generation", ""},
    {"account_session", "token_hash"},
    {"alarm", "facility_code"},
    {"answer", "person_id"},
    {"applicant", "account"},
    {"applicant_mail", "account"},
    {"applicant_news", "account"},
    {"applicant_session", "token_hash"},
    {"application", "application_id"},
    {"application_step", "application_id"},
    {"application_version", "application_id"},
    {"audit_anchor", "stream"},
    {"audit_event", "stream"},
    {"audit_head_keeper", ""},
    {"bulk_chunk", "bulk_id"},
    {"bulk_inquiry", "bulk_id"},
    {"bulk_results", "bulk_id"},
    {"bulk_rows", "bulk_id"},
    {"card_link", "issuer_key_id"},
    {"card_link_change", "feed_id"},
    {"certificate_request", "certificate_request_id"},
    {"certified_key", "key_fingerprint"},
    {"challenge", "challenge_id"},
    {"confirmation", "person_id"},
    {"consent_act", "person_id"},
    {"consent_end", "person_id"},
    {"coverage", "person_id"},
    {"coverage_by_reference", "insurer_number"},
    {"coverage_reference_past", "insurer_number"},
    {"crl_memory", "issuer_key_id"},
    {"delivery_progress", "party"},
    {"enrolment_code", "code_id"},
    {"facility", ""},
    {"facility_access", "facility_code"},
    {"facility_access_progress", ""},
    {"facility_account", "facility_code"},
    {"facility_settings", "facility_code"},
    {"facility_settings_change", "facility_code"},
    {"feed", "insurer_number"},
    {"feed_card_link_row", "feed_id"},
    {"feed_certificate_row", "feed_id"},
    {"feed_chunk", "feed_id"},
    {"feed_coverage_row", "feed_id"},
    {"feed_finding", "feed_id"},
    {"feed_health_check_row", "feed_id"},
    {"feed_lag", "insurer_number"},
    {"feed_receipt_row", "feed_id"},
    {"feed_refused_number", "feed_id"},
    {"feed_release", "insurer_number"},
    {"feed_risk", "feed_id"},
    {"feed_sample", "feed_id"},
    {"feed_unchanged", "feed_id"},
    {"forgotten_revocation", "issuer_key_id"},
    {"former_certificate", ""},
    {"ground_reminder", "facility_code"},
    {"health_check", "person_id"},
    {"health_check_by_reference", "pushed_by"},
    {"hidden_coverage", "insurer_number"},
    {"hidden_health_check", "pushed_by"},
    {"hidden_receipt", "pushed_by"},
    {"identity_case", "case_id"},
    {"identity_case_generation", ""},
    {"identity_case_person", "person_id"},
    {"inquiry_count", "facility_code"},
    {"installation_key", ""},
    {"insured_lookup", "key_hash"},
    {"month_record", "person_id"},
    {"no_match_inquiry", "insurer_number"},
    {"notice", "facility_code"},
    {"notice_counter", "facility_code"},
    {"notice_person", "work_id"},
    {"notice_work", "work_id"},
    {"operation_test_item", "facility_code"},
    {"party", ""},
    {"person", "person_id"},
    {"person_number", "number_hash"},
    {"person_protection", "person_id"},
    {"person_repair", "repair_id"},
    {"person_repair_move", "repair_id"},
    {"person_repair_named", "repair_id"},
    {"person_repair_progress", ""},
    {"protection_generation", ""},
    {"receipt", "person_id"},
    {"receipt_by_reference", "pushed_by"},
    {"reception_app", ""},
    {"reception_app_naming", "facility_code"},
    {"reception_link", "facility_code"},
    {"reception_token", "token_hash"},
    {"record_access", "person_id"},
    {"reference_number", "person_id"},
    {"reference_number_facility", "facility_code"},
    {"reference_number_generation", ""},
    {"registry_generation", ""},
    {"repair_exposure", "facility_code"},
    {"repaired_reference", "party"},
    {"request_outcome", "actor"},
    {"retention_drop", "run_id"},
    {"retention_run", "run_id"},
    {"revoked_certificate", ""},
    {"schema_migration", ""},
    {"terminal", ""},
    {"test_person", ""},
};

std::set<std::string> NamesOf(const pqxx::result& rows) {
  std::set<std::string> names;
  for (const auto& row : rows) names.insert(row[0].c_str());
  return names;
}

constexpr char kNotAPartition[] = " AND NOT c.relispartition";

TEST(SchemaRules, EveryTableHasAShardKeyAndAPrimaryKey) {
  const TestDatabase database;
  const std::string tables =
      "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'kakunin'::regnamespace"
      " AND c.relkind IN ('r', 'p')" +
      std::string(kNotAPartition);
  std::set<std::string> expected;
  for (const auto& [table, key] : kShardKeys) expected.insert(table);
  EXPECT_EQ(NamesOf(database.Exec(tables)), expected);
  EXPECT_EQ(NamesOf(database.Exec(tables + " AND NOT EXISTS (SELECT FROM pg_constraint k WHERE"
                                           " k.conrelid = c.oid AND k.contype = 'p')")),
            std::set<std::string>());
}

TEST(SchemaRules, TheShardKeyIsFirstInEveryUniqueIndex) {
  const TestDatabase database;
  const pqxx::result uniques = database.Exec(
      "SELECT c.relname, x.relname, a.attname FROM pg_index i"
      " JOIN pg_class c ON c.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid"
      " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]"
      " WHERE c.relnamespace = 'kakunin'::regnamespace AND i.indisunique" +
      std::string(kNotAPartition));
  EXPECT_GE(uniques.size(), kShardKeys.size());
  for (const auto& row : uniques) {
    const std::string& key = kShardKeys.at(row[0].c_str());
    if (key.empty()) continue;
    EXPECT_EQ(key, row[2].c_str()) << row[1].c_str();
  }
}

TEST(SchemaRules, ForeignKeysLeadToReferenceTablesOnly) {
  const TestDatabase database;
  const pqxx::result keys = database.Exec(
      "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
      " AND connamespace = 'kakunin'::regnamespace");
  for (const auto& row : keys) {
    const std::string target = row[0].c_str();
    EXPECT_EQ(kShardKeys.at(target.substr(target.find('.') + 1)), "") << target;
  }
}

TEST(SchemaRules, NoSequencesTriggersExclusionsRulesOrDefaults) {
  const TestDatabase database;
  EXPECT_EQ(NamesOf(database.Exec("SELECT relname FROM pg_class WHERE relkind = 'S' AND"
                                  " relnamespace = 'kakunin'::regnamespace")),
            std::set<std::string>());
  EXPECT_EQ(NamesOf(database.Exec("SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid ="
                                  " t.tgrelid WHERE NOT tgisinternal AND c.relnamespace ="
                                  " 'kakunin'::regnamespace")),
            std::set<std::string>());
  EXPECT_EQ(NamesOf(database.Exec("SELECT conname FROM pg_constraint WHERE contype = 'x' AND"
                                  " connamespace = 'kakunin'::regnamespace")),
            std::set<std::string>());
  EXPECT_EQ(NamesOf(database.Exec("SELECT rulename FROM pg_rules WHERE schemaname = 'kakunin'")),
            std::set<std::string>());
  // Every value comes from the server: now() in a default would escape the injected clock.
  EXPECT_EQ(NamesOf(database.Exec("SELECT c.relname || '.' || a.attname FROM pg_attrdef d JOIN"
                                  " pg_class c ON c.oid = d.adrelid JOIN pg_attribute a ON"
                                  " a.attrelid = c.oid AND a.attnum = d.adnum WHERE c.relnamespace"
                                  " = 'kakunin'::regnamespace")),
            std::set<std::string>());
}

TEST(SchemaRules, InstantsHaveAZoneAndTextHasNoLength) {
  const TestDatabase database;
  EXPECT_EQ(NamesOf(database.Exec(
                "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE"
                " table_schema = 'kakunin' AND data_type NOT IN ('text', 'smallint', 'integer',"
                " 'bigint', 'uuid', 'bytea', 'date', 'boolean', 'jsonb',"
                " 'timestamp with time zone')"
                " AND udt_name NOT IN ('_int4', '_text', '_uuid')")),
            std::set<std::string>());
}

TEST(SchemaRules, MonthTablesHaveADefaultPartitionAndAreThoseThatPartitionsMakes) {
  const TestDatabase database;
  const std::set<std::string> partitioned = NamesOf(
      database.Exec("SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid ="
                    " p.partrelid WHERE c.relnamespace = 'kakunin'::regnamespace AND"
                    " p.partdefid <> 0 AND p.partstrat = 'r'"));
  EXPECT_EQ(partitioned, (std::set<std::string>{"audit_event", "confirmation", "facility_access",
                                                "no_match_inquiry", "receipt", "record_access"}));
}

TEST(SchemaRules, OnlyTheChallengesAreUnlogged) {
  const TestDatabase database;
  EXPECT_EQ(NamesOf(database.Exec("SELECT relname FROM pg_class WHERE relpersistence <> 'p' AND"
                                  " relkind = 'r' AND relnamespace = 'kakunin'::regnamespace")),
            std::set<std::string>{"challenge"});
}

TEST(SchemaRules, TheAuditAffordsOneBtreeAndABrin) {
  const TestDatabase database;
  const pqxx::result indexes = database.Exec(
      "SELECT am.amname, count(*) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN"
      " pg_am am ON am.oid = x.relam WHERE i.indrelid = 'kakunin.audit_event'::regclass"
      " GROUP BY am.amname ORDER BY am.amname");
  ASSERT_EQ(indexes.size(), 2u);
  EXPECT_STREQ(indexes[0][0].c_str(), "brin");
  EXPECT_STREQ(indexes[1][0].c_str(), "btree");
  EXPECT_EQ(indexes[1][1].as<int>(), 1);
}

TEST(SchemaRules, SecurityDefinersPinTheirSearchPath) {
  const TestDatabase database;
  EXPECT_EQ(NamesOf(database.Exec("SELECT proname FROM pg_proc WHERE pronamespace ="
                                  " 'kakunin'::regnamespace AND prosecdef AND NOT"
                                  " ('search_path=pg_catalog' = ANY(coalesce(proconfig, '{}')))")),
            std::set<std::string>());
}

}  // namespace
}  // namespace kakunin
