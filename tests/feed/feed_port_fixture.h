#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "kakunin/v1/insurer_feed_service.grpc.pb.h"
#include "server/rpc/convert_date.h"
#include "server/rpc/insurer_feed_service.h"
#include "server/rpc/record_octets.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/request_store.h"
#include "tests/support/rpc_server.h"

namespace kakunin {

// TestIndividualNumber is twelve digits that stand for `who`; the last is the one that the others
// ask for, or another.
inline std::string TestIndividualNumber(int64_t who, bool valid) {
  std::string digits = fmt::format("{:011}", who);
  constexpr int kWeights[] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * kWeights[i];
  const int check = sum % 11 <= 1 ? 0 : 11 - sum % 11;
  digits += static_cast<char>('0' + (valid ? check : (check + 1) % 10));
  return digits;
}

// SampleCoverageRow is coverage number `row` of a person of its own: a valid row but for its
// individual number, which is absent where `row` is divisible by 7 (stored hidden) and wrong where
// it is by 11 (refused).
inline v1::CoverageRow SampleCoverageRow(int64_t row) {
  v1::CoverageRow coverage;
  coverage.set_action(v1::ROW_ACTION_NEW);
  coverage.set_coverage_reference("R" + std::to_string(row));
  if (row % 7 != 0) {
    coverage.set_individual_number(TestIndividualNumber(row, /*valid=*/row % 11 != 0));
  }
  coverage.set_card_classification(v1::CARD_CLASSIFICATION_GENERAL);
  coverage.set_symbol("１２３４");
  coverage.set_number(std::to_string(1'000'000 + row));
  coverage.set_branch_number("01");
  coverage.mutable_name()->set_original("厚労　太郎");
  coverage.mutable_name()->set_kana("コウロウ　タロウ");
  coverage.set_sex(v1::SEX_MALE);
  *coverage.mutable_birth_date() = DayToProto(absl::CivilDay(1970, 1, 1) + row % 365);
  coverage.set_address("東京都千代田区霞が関一丁目二番二号");
  *coverage.mutable_qualification_date() = DayToProto(absl::CivilDay(2018, 7, 1));
  return coverage;
}

// FeedPort is an insurer port over a database of its own: real TLS, real stores.
class FeedPort {
 public:
  FeedPort() {
    RegisterTestCallers(database_, clock_.Now());
    server_ = std::make_unique<RpcServer>(database_, clock_, Port::kInsurer);
    service_ = MakeInsurerFeedService(
        {server_->dispatch(), server_->database(), feeds_, server_->registry_store(), requests_,
         FeedKeys{number_key_, look_up_key_, audit_key_}, CopiesOfThisFormat(), histories_});
    // Without probes of its own gRPC sends the same octets for the same calls.
    server_->Start([&](grpc::ServerBuilder& builder) {
      builder.RegisterService(service_.get());
      builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    });
  }
  ~FeedPort() { server_->Stop(); }
  FeedPort(const FeedPort&) = delete;
  FeedPort& operator=(const FeedPort&) = delete;

  const RpcServer& server() const { return *server_; }
  const TestDatabase& database() const { return database_; }
  std::unique_ptr<v1::InsurerFeedService::Stub> Stub() const {
    return v1::InsurerFeedService::NewStub(server_->Channel(Caller::kInsurer));
  }
  int64_t Count(const std::string& from) const {
    return database_.Exec("SELECT count(*) FROM kakunin." + from)[0][0].as<int64_t>();
  }

  // Tables is what feeds have left: a line a table with the number of its rows and a digest of all
  // of them, but for what is drawn anew in every run, which are persons' ids, and instants.
  std::vector<std::string> Tables() const {
    std::vector<std::string> tables;
    for (const char* table :
         {"coverage", "hidden_coverage", "coverage_by_reference", "insured_lookup", "answer",
          "person_number", "feed", "feed_chunk", "feed_finding", "feed_coverage_row"}) {
      const bool of_person =
          database_
              .Exec(fmt::format("SELECT 1 FROM information_schema.columns WHERE table_schema"
                                " = 'kakunin' AND table_name = '{}' AND column_name ="
                                " 'person_id'",
                                table))
              .size() == 1;
      const auto row = database_.Exec(fmt::format(
          "SELECT count(*), coalesce(md5(string_agg(line, '|' ORDER BY line COLLATE \"C\")), '')"
          " FROM (SELECT (to_jsonb(t) - 'person_id' - 'known_from' - 'known_to' - 'began_at'"
          " - 'changed_at' - 'published_at')::text || {} AS line FROM kakunin.{} t {}) lines",
          of_person ? "n.number_hash::text" : "''", table,
          of_person ? "JOIN kakunin.person_number n USING (person_id)" : ""))[0];
      tables.push_back(
          fmt::format("{} {} {}", table, row[0].as<int64_t>(), row[1].as<std::string>()));
    }
    return tables;
  }

 private:
  TestDatabase database_;
  SettableClock clock_;
  PostgresRequestStore requests_;
  PostgresFeedStore feeds_;
  PostgresCoverageHistoryStore histories_;
  auth::HmacKey number_key_ = TestKey("individual number");
  auth::HmacKey look_up_key_ = TestKey("look-up");
  auth::HmacKey audit_key_ = TestKey("audit");
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<grpc::Service> service_;
};

}  // namespace kakunin
