// The real binary, a real PostgreSQL, real certificates: a whole installation is brought up once,
// and asked, killed and searched.
#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include "auth/uuid.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/operations_service.grpc.pb.h"
#include "kakunin/v1/terminal_certificate_service.grpc.pb.h"
#include "server/clock.h"
#include "server/dev/api_channel.h"
#include "server/dev/child_process.h"
#include "server/synth/facility_table.h"
#include "tests/e2e/canaries.h"
#include "tests/e2e/sandbox_fixture.h"
#include "tests/rpc/raw_call.h"

namespace kakunin::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int64_t kPersons = 500;
constexpr int kTerminations = 5;

class SandboxTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { running_ = new RunningSandbox(kPersons); }
  static void TearDownTestSuite() {
    delete running_;
    running_ = nullptr;
  }

  static RunningSandbox& running() { return *running_; }
  static dev::Sandbox& sandbox() { return running_->sandbox(); }
  static Desk DeskAt(int port) { return Desk(running_->paths(), port); }

  static RunningSandbox* running_;
};

RunningSandbox* SandboxTest::running_ = nullptr;

TEST_F(SandboxTest, AnswersEveryTestPersonByNumberAsDocumented) {
  Desk desk = DeskAt(sandbox().ports().terminal);
  for (const synth::TestPerson& person : synth::TestPersons(sandbox().nation_day())) {
    v1::ConfirmByInsuredNumberResponse answer;
    const grpc::Status status = desk.ByNumber(person.ask, sandbox().nation_day(), answer);
    ASSERT_TRUE(status.ok()) << person.id << " " << status.error_message();
    EXPECT_EQ(v1::Validity_Name(answer.validity()), v1::Validity_Name(person.by_number))
        << person.id;
    EXPECT_FALSE(answer.audit_id().empty()) << person.id;
    EXPECT_EQ(answer.SerializeAsString().find(person.individual_number), std::string::npos);
  }
}

TEST_F(SandboxTest, AnswersEveryTestPersonByCardAsDocumented) {
  Desk desk = DeskAt(sandbox().ports().terminal);
  int asked = 0;
  for (const synth::TestPerson& person : synth::TestPersons(sandbox().nation_day())) {
    if (person.cards.empty()) continue;
    ++asked;
    v1::ConfirmByCardResponse answer;
    const grpc::Status status =
        desk.ByCard(running().TestCard(person.id), sandbox().nation_day(), answer);
    if (person.by_card.verdict == v1::CARD_VERDICT_UNSPECIFIED) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION)
          << person.id << " " << person.by_card.refusal;
      continue;
    }
    ASSERT_TRUE(status.ok()) << person.id << " " << status.error_message();
    EXPECT_EQ(v1::CardVerdict_Name(answer.card_verdict()),
              v1::CardVerdict_Name(person.by_card.verdict))
        << person.id;
    if (person.by_card.validity != v1::VALIDITY_UNSPECIFIED) {
      EXPECT_EQ(v1::Validity_Name(answer.validity()), v1::Validity_Name(person.by_card.validity))
          << person.id;
    }
    if (person.by_card.validity == v1::VALIDITY_VALID) {
      EXPECT_EQ(answer.coverages_size(), person.by_card.coverages) << person.id;
    }
    EXPECT_EQ(answer.SerializeAsString().find(person.individual_number), std::string::npos);
  }
  EXPECT_GT(asked, 20);
}

TEST_F(SandboxTest, NobodysKeyOpensAnotherOnesCard) {
  Desk desk = DeskAt(sandbox().ports().terminal);
  const auto stranger = running().TestCard("TP02");
  auto card = running().TestCard("TP01");
  card.key = stranger.key;
  v1::ConfirmByCardResponse answer;
  EXPECT_EQ(desk.ByCard(card, sandbox().nation_day(), answer).error_message(), "CARD_REFUSED");
}

TEST_F(SandboxTest, ShowsThePatientFromTheCommandLineWhoLookedPageByPage) {
  Desk desk = DeskAt(sandbox().ports().terminal);
  const auto card = running().TestCard("TP01");
  for (int i = 0; i < 2; ++i) {
    v1::ConfirmByCardResponse answer;
    ASSERT_TRUE(desk.ByCard(card, sandbox().nation_day(), answer).ok());
  }
  const auto& paths = running().paths();
  const std::string terminal = dev::TerminalName(synth::test_facility::kClinic, "T1");
  std::vector<std::string> command{KAKUNIN_BINARY,
                                   "call",
                                   "access-log",
                                   "patient",
                                   "--card-certificate",
                                   paths.card_certificate("TP01"),
                                   "--card-key",
                                   paths.card_key("TP01"),
                                   "--verification",
                                   "face",
                                   "--page-size",
                                   "1",
                                   "--server",
                                   "localhost:" + std::to_string(sandbox().ports().terminal),
                                   "--certificate",
                                   paths.certificate(terminal),
                                   "--key",
                                   paths.key(terminal),
                                   "--ca",
                                   paths.ca("server"),
                                   "--clock-offset-file",
                                   paths.clock_offset()};
  const auto shown = dev::ChildProcess::Run(command);
  ASSERT_TRUE(shown.ok()) << shown.status();
  size_t pages = 0;
  for (size_t at = shown->find("ご本人の情報の閲覧履歴"); at != std::string::npos;
       at = shown->find("ご本人の情報の閲覧履歴", at + 1)) {
    ++pages;
  }
  EXPECT_GE(pages, 2u);
  EXPECT_NE(shown->find("資格確認"), std::string::npos);
  EXPECT_NE(shown->find("見本"), std::string::npos) << *shown;
  command.push_back("--json");
  const auto json = dev::ChildProcess::Run(command);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_NE(json->find("\"facility_code\": \"" + std::string(synth::test_facility::kClinic)),
            std::string::npos)
      << *json;
}

// The five rows of the source documents' bulk list, sent and fetched by the command line.
TEST_F(SandboxTest, AnswersAListFromTheCommandLineAsDocumented) {
  const auto& paths = running().paths();
  const std::string terminal = dev::TerminalName(synth::test_facility::kClinic, "T1");
  const auto call = [&](std::vector<std::string> arguments) {
    std::vector<std::string> command{KAKUNIN_BINARY, "call", "bulk"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    for (const std::string& argument :
         {std::string("--server"), "localhost:" + std::to_string(sandbox().ports().terminal),
          std::string("--certificate"), paths.certificate(terminal).string(), std::string("--key"),
          paths.key(terminal).string(), std::string("--ca"), paths.ca("server").string(),
          std::string("--clock-offset-file"), paths.clock_offset().string(),
          std::string("--json")}) {
      command.push_back(argument);
    }
    const auto said = dev::ChildProcess::Run(command);
    EXPECT_TRUE(said.ok()) << said.status();
    return said.value_or("");
  };
  std::string table = "行番号,保険者番号,記号,番号,枝番,生年月日,氏名\n";
  std::map<std::string, v1::Validity> expected;
  for (const char* id : {"SD04", "SD05", "SD06", "SD07", "SD08"}) {
    const auto person = synth::FindTestPerson(sandbox().nation_day(), id);
    const synth::TestAsk& ask = person.ask;
    table += fmt::format("{},{},{},{},{},{},\n", id, ask.insurer_number, ask.symbol, ask.number,
                         ask.branch_number, absl::FormatCivilTime(ask.birth_date));
    expected[id] = person.by_number;
  }
  const auto file = paths.root() / "booked.csv";
  std::ofstream(file) << table;

  v1::BulkServiceSubmitResponse sent;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(call({"submit", file.string()}), &sent).ok());
  const std::string number = sent.inquiry().reception_number();
  EXPECT_EQ(sent.inquiry().row_count(), 5);
  v1::BulkServiceGetResponse got;
  const auto bound = steady_clock::now() + seconds(20);
  do {
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                    call({"get", "--reception-number", number}), &got)
                    .ok());
  } while (got.inquiry().state() == v1::BULK_STATE_RUNNING && steady_clock::now() < bound);
  EXPECT_EQ(got.inquiry().state(), v1::BULK_STATE_DONE);
  v1::BulkServiceStreamResultsResponse results;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(
                  call({"results", "--reception-number", number}), &results)
                  .ok());
  ASSERT_EQ(results.results_size(), 5);
  for (const v1::BulkResult& result : results.results()) {
    EXPECT_EQ(v1::Validity_Name(result.answer().validity()),
              v1::Validity_Name(expected[result.row_id()]))
        << result.row_id();
  }
  call({"delete", "--reception-number", number});
}

TEST_F(SandboxTest, ChallengeOfOneServerServesAtTheOther) {
  auto second = running().SecondServer("second");
  Desk here = DeskAt(sandbox().ports().terminal);
  Desk there = DeskAt(second.ports.terminal);
  const auto card = running().TestCard("TP01");
  v1::BeginCardAuthenticationResponse challenge;
  ASSERT_TRUE(here.Begin(challenge).ok());
  v1::ConfirmByCardResponse answer;
  EXPECT_TRUE(there.Confirm(card, challenge, sandbox().nation_day(), answer).ok());
  EXPECT_EQ(answer.validity(), v1::VALIDITY_VALID);
  // Used at one, it is used at the other.
  EXPECT_EQ(here.Confirm(card, challenge, sandbox().nation_day(), answer).error_message(),
            "CHALLENGE_REFUSED");
}

TEST_F(SandboxTest, AUsedChallengeStaysUsedWhenItsServerIsStartedAgain) {
  const auto card = running().TestCard("TP01");
  v1::BeginCardAuthenticationResponse used;
  v1::BeginCardAuthenticationResponse unused;
  v1::ConfirmByCardResponse answer;
  {
    auto before = running().SecondServer("before-its-restart");
    Desk desk = DeskAt(before.ports.terminal);
    ASSERT_TRUE(desk.Begin(used).ok());
    ASSERT_TRUE(desk.Begin(unused).ok());
    ASSERT_TRUE(desk.Confirm(card, used, sandbox().nation_day(), answer).ok());
    ASSERT_EQ(before.process.Stop(seconds(10)), 0);
  }
  auto after = running().SecondServer("after-its-restart");
  Desk desk = DeskAt(after.ports.terminal);
  const auto replayed = desk.Confirm(card, used, sandbox().nation_day(), answer);
  EXPECT_EQ(replayed.error_message(), "CHALLENGE_REFUSED");
  // It was the use that counted, not the restart.
  const auto first = desk.Confirm(card, unused, sandbox().nation_day(), answer);
  EXPECT_TRUE(first.ok()) << first.error_message();
}

// Operate makes one call of the operators' port about the mobile terminal.
template <class Service, class Request, class Response>
void Operate(const std::shared_ptr<grpc::Channel>& channel,
             grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
             Request request) {
  request.set_request_id(auth::RandomUuid());
  request.set_facility_code(std::string(synth::test_facility::kClinic));
  request.set_terminal_id(std::string(synth::test_facility::kMobile));
  Response response;
  grpc::ClientContext context;
  dev::PrepareCall(context, absl::Seconds(5));
  const auto stub = Service::NewStub(channel);
  ASSERT_TRUE((stub.get()->*method)(&context, request, &response).ok());
}

// Prints the delays, which docs/terminal_certificates.md gives.
TEST_F(SandboxTest, SuspendsResumesAndRevokesWithinASecondOnOpenConnectionsOfEveryServer) {
  auto second = running().SecondServer("revoking");
  const auto ask = synth::FindTestPerson(sandbox().nation_day(), "TP01").ask;
  Desk here(running().paths(), sandbox().ports().terminal,
            std::string(synth::test_facility::kMobile));
  Desk there(running().paths(), second.ports.terminal, std::string(synth::test_facility::kMobile));
  v1::ConfirmByInsuredNumberResponse answer;
  ASSERT_TRUE(here.ByNumber(ask, sandbox().nation_day(), answer).ok());
  ASSERT_TRUE(there.ByNumber(ask, sandbox().nation_day(), answer).ok());
  const auto channel = dev::OpenChannel(running().paths(), "operator", sandbox().ports().operators);
  ASSERT_TRUE(channel.ok());
  const auto takes_effect = [&](const char* act, const std::string& said) {
    const auto returned = steady_clock::now();
    milliseconds delay{0};
    for (Desk* desk : {&here, &there}) {
      std::string says;
      do {
        says = desk->ByNumber(ask, sandbox().nation_day(), answer).error_message();
        delay = std::chrono::duration_cast<milliseconds>(steady_clock::now() - returned);
      } while (says != said && delay < seconds(3));
      EXPECT_EQ(says, said) << act;
    }
    EXPECT_LT(delay, milliseconds(1000)) << act;
    fmt::print("{} delay: {} ms\n", act, delay.count());
  };
  using Certificates = v1::TerminalCertificateService;
  v1::SuspendTerminalRequest suspend;
  suspend.set_reason(v1::SUSPENSION_REASON_MISLAID);
  Operate<Certificates>(*channel, &Certificates::Stub::SuspendTerminal, suspend);
  takes_effect("suspension", "TERMINAL_SUSPENDED");
  Operate<Certificates>(*channel, &Certificates::Stub::ResumeTerminal, v1::ResumeTerminalRequest());
  takes_effect("resumption", "");
  v1::RevokeTerminalRequest revoke;
  revoke.set_reason(v1::REVOCATION_REASON_LOST);
  Operate<v1::OperationsService>(*channel, &v1::OperationsService::Stub::RevokeTerminal, revoke);
  takes_effect("revocation", "TERMINAL_REVOKED");
}

TEST_F(SandboxTest, EveryAnswerRowAndLookUpIsWhatTheTruthGives) {
  const auto compared = dev::ChildProcess::Run({KAKUNIN_BINARY, "migrate", "answers", "--json",
                                                "--config", running().paths().config().string()});
  ASSERT_TRUE(compared.ok()) << compared.status();
  EXPECT_EQ(compared->find("\"persons\":0,"), std::string::npos) << *compared;
  EXPECT_NE(compared->find("\"answers_differ\":0,\"lookups_missing\":0,\"lookups_unfounded\":0"),
            std::string::npos)
      << *compared;
}

TEST_F(SandboxTest, SandboxClockMovesTheRulesOfEveryServer) {
  const std::string config = running().paths().config().string();
  const std::vector<std::string> clock = {KAKUNIN_BINARY, "dev", "clock"};
  const auto run = [&](std::vector<std::string> words) {
    std::vector<std::string> all = clock;
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--config", config});
    return dev::ChildProcess::Run(all).status();
  };
  Desk desk = DeskAt(sandbox().ports().terminal);
  v1::ConfirmByInsuredNumberResponse answer;
  const auto ask = synth::FindTestPerson(sandbox().nation_day(), "TP01").ask;
  const absl::CivilDay tomorrow = sandbox().nation_day() + 1;
  EXPECT_EQ(desk.ByNumber(ask, tomorrow, answer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_TRUE(run({"advance", "24h"}).ok());
  std::this_thread::sleep_for(milliseconds(250));  // the stated age of the offset is 100 ms
  EXPECT_TRUE(desk.ByNumber(ask, tomorrow, answer).ok());
  ASSERT_TRUE(run({"set", "machine"}).ok());
  std::this_thread::sleep_for(milliseconds(250));
  EXPECT_EQ(desk.ByNumber(ask, tomorrow, answer).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(SandboxTest, CrlsAreIssuedAnewForEveryHourOfTheClock) {
  const auto crls = [&] {
    std::map<std::string, std::string> octets;
    for (const auto& entry : std::filesystem::directory_iterator(running().paths().card_crls())) {
      octets[entry.path().filename()] = FileText(entry.path());
    }
    return octets;
  };
  const auto set_clock = [&](absl::Duration offset) {
    ASSERT_TRUE(SandboxClock::WriteOffset(running().paths().clock_offset(), offset).ok());
    std::this_thread::sleep_for(milliseconds(250));  // the stated age of the offset is 100 ms
  };
  ASSERT_TRUE(sandbox().Tend().ok());
  const auto first = crls();
  ASSERT_GT(first.size(), 3u);
  set_clock(absl::Minutes(30));
  ASSERT_TRUE(sandbox().Tend().ok());
  EXPECT_EQ(crls(), first);
  set_clock(absl::Minutes(91));
  ASSERT_TRUE(sandbox().Tend().ok());
  const auto second = crls();
  ASSERT_EQ(second.size(), first.size());
  for (const auto& [name, octets] : second) EXPECT_NE(octets, first.at(name)) << name;
  // A day later the cards of yesterday's CRLs are not accepted, those of today's are.
  set_clock(absl::Hours(30));
  ASSERT_TRUE(sandbox().Tend().ok());
  Desk desk = DeskAt(sandbox().ports().terminal);
  const auto card = running().TestCard("TP01");
  v1::ConfirmByCardResponse answer;
  grpc::Status status;
  const auto bound = steady_clock::now() + seconds(60);  // the server reads them every 5 s
  do {
    status = desk.ByCard(card, sandbox().nation_day(), answer);
  } while (!status.ok() && steady_clock::now() < bound);
  EXPECT_TRUE(status.ok()) << status.error_message();
  set_clock(absl::ZeroDuration());
  ASSERT_TRUE(sandbox().Tend().ok());
  do {
    status = desk.ByCard(card, sandbox().nation_day(), answer);
  } while (!status.ok() && steady_clock::now() < bound + seconds(60));
  EXPECT_TRUE(status.ok()) << status.error_message();
}

// Asks a server what services it has, by gRPC's own service for that.
grpc::Status AskForServices(const dev::SandboxPaths& paths, int port) {
  const auto channel =
      dev::OpenChannel(paths, dev::TerminalName(synth::test_facility::kClinic, "T1"), port);
  if (!channel.ok()) return {grpc::StatusCode::INTERNAL, "no channel"};
  const std::string list_services = {0x3a, 0x00};  // field 7, an empty text
  return CallWith(*channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                  list_services)
      .status;
}

TEST_F(SandboxTest, TellsItsServicesInASandboxAndNowhereElse) {
  const grpc::Status here = AskForServices(running().paths(), sandbox().ports().terminal);
  EXPECT_TRUE(here.ok()) << here.error_message();
  // The same installation, had it been called one that serves patients.
  const auto production = [](std::string config) {
    for (const auto& [from, to] : {std::pair{"kind = \"sandbox\"", "kind = \"production\""},
                                   std::pair{"clock_offset_file", "# clock_offset_file"},
                                   std::pair{"sandbox_cards", "# sandbox_cards"}}) {
      const size_t at = config.find(from);
      EXPECT_NE(at, std::string::npos) << from;
      if (at != std::string::npos) config.replace(at, std::strlen(from), to);
    }
    return config;
  };
  auto server = running().SecondServer("production", production);
  const grpc::Status there = AskForServices(running().paths(), server.ports.terminal);
  EXPECT_EQ(there.error_code(), grpc::StatusCode::UNIMPLEMENTED) << there.error_message();
}

TEST_F(SandboxTest, AnswersEveryCallOrRefusesItCleanlyWhileItIsTerminated) {
  const auto ask = synth::FindTestPerson(sandbox().nation_day(), "TP01").ask;
  for (int round = 0; round < kTerminations; ++round) {
    auto server = running().SecondServer("terminated");
    std::atomic<int> answered{0};
    std::atomic<int> odd{0};
    std::vector<std::thread> callers;
    for (int i = 0; i < 4; ++i) {
      callers.emplace_back([&] {
        Desk desk = DeskAt(server.ports.terminal);
        grpc::Status status;
        for (; status.ok(); ++answered) {
          v1::ConfirmByInsuredNumberResponse answer;
          status = desk.ByNumber(ask, sandbox().nation_day(), answer);
        }
        if (status.error_code() == grpc::StatusCode::UNAVAILABLE) return;
        ++odd;
        ADD_FAILURE() << status.error_code() << " " << status.error_message();
      });
    }
    while (answered < 50) std::this_thread::yield();
    const auto asked = steady_clock::now();
    const auto outcome = server.process.Stop(seconds(10));
    EXPECT_LT(steady_clock::now() - asked, seconds(10));
    for (std::thread& caller : callers) caller.join();
    ASSERT_TRUE(outcome.has_value()) << "it had to be killed";
    const std::string log = FileText(server.log);
    ASSERT_EQ(*outcome, 0) << log.substr(log.size() - std::min<size_t>(log.size(), 2000));
    EXPECT_EQ(odd, 0);
  }
}

TEST_F(SandboxTest, TellsTheAgeOfEverySnapshotAndWhatWouldBeAnAlarm) {
  const std::string metrics = AdminText(sandbox().ports().admin, "/metrics");
  const std::string age = "\nkakunin_snapshot_age_seconds";
  for (const char* port : {"terminal", "insurer", "operator"}) {
    const std::string label = std::string("port=\"") + port + "\"";
    EXPECT_NE(metrics.find(age + "{" + label + ",snapshot=\"registry\"} "), std::string::npos);
    EXPECT_NE(metrics.find("\nkakunin_pool_waiting{pool=\"calls\"," + label + "} 0\n"),
              std::string::npos)
        << metrics;
  }
  EXPECT_NE(metrics.find(age + "{port=\"terminal\",snapshot=\"card_trust\"} "), std::string::npos);
  EXPECT_NE(metrics.find(age + "{port=\"terminal\",snapshot=\"inquiry_counts\"} "),
            std::string::npos);
  EXPECT_NE(metrics.find(age + "{port=\"terminal\",snapshot=\"deliveries\"} "), std::string::npos);
  EXPECT_NE(metrics.find(age + "{snapshot=\"partitions\"} "), std::string::npos);
  for (const char* of_each : {"age_seconds", "number", "entries"}) {
    EXPECT_NE(metrics.find(fmt::format("\nkakunin_crl_partition_{}{{issuer=\"", of_each)),
              std::string::npos)
        << of_each;
  }
  // The nation came through the feed.
  for (const char* step : {"read", "compare", "gate", "stage", "judge", "publish"}) {
    const std::string counter = fmt::format("\nkakunin_feed_seconds_total{{step=\"{}\"}} ", step);
    const size_t at = metrics.find(counter);
    ASSERT_NE(at, std::string::npos) << step;
    EXPECT_GT(std::stod(metrics.substr(at + counter.size())), 0) << step;
  }
  EXPECT_NE(metrics.find("\nkakunin_clock_offset_seconds "), std::string::npos);
  for (const char* alarm :
       {"crl_refused", "default_partitions_holding_rows", "rows_failed_alone_total",
        "housekeeping_failures_total", "inquiry_alarms"}) {
    EXPECT_NE(metrics.find(std::string("\nkakunin_") + alarm + " 0\n"), std::string::npos) << alarm;
  }
}

// Declared last, so it runs last: what every test before it left behind is searched.
TEST_F(SandboxTest, LeavesNoPersonalDataInLogsMetricsAuditOrStandardError) {
  const Canaries canaries = CanariesOf(sandbox().nation_day(), kPersons);
  ASSERT_GT(canaries.size(), 1000u);
  const int admin = sandbox().ports().admin;
  const std::string metrics = AdminText(admin, "/metrics");
  EXPECT_NE(metrics.find("kakunin_"), std::string::npos);
  EXPECT_EQ(canaries.FoundIn(metrics), 0);
  EXPECT_EQ(canaries.FoundIn(AdminText(admin, "/readyz")), 0);
  EXPECT_EQ(canaries.FoundIn(running().said()), 0);
  EXPECT_EQ(canaries.FoundIn(FileText(running().database_log())), 0);
  int64_t octets = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(running().paths().server_log().parent_path())) {
    const std::string log = FileText(entry.path());
    octets += static_cast<int64_t>(log.size());
    EXPECT_EQ(canaries.FoundIn(log), 0) << entry.path();
  }
  EXPECT_GT(octets, 0);
  const std::string audit = AuditText(running().socket_folder());
  EXPECT_NE(audit.find("1310000003/T1"), std::string::npos);
  EXPECT_EQ(canaries.FoundIn(audit), 0);
}

}  // namespace
}  // namespace kakunin::e2e
