// From a confirmation over a published loss to the notice: real TLS, lanes, PostgreSQL, jobs.
#include "server/rpc/notice_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "kakunin/v1/notice_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "storage/postgres/housekeeping_store.h"
#include "storage/postgres/notice_store.h"
#include "storage/postgres/text_value.h"
#include "tests/postgres/feed_driver.h"
#include "tests/rpc/eligibility_fixture.h"

namespace kakunin {
namespace {

using std::chrono::steady_clock;

constexpr char kOtherFacility[] = "1318000002";

// HeldNoticeStore holds the first reading of a turn until GoOn, and writes down what is read: T for
// a turn, A for an answer.
class HeldNoticeStore final : public PostgresNoticeStore {
 public:
  absl::StatusOr<std::vector<StoredNotice>> List(Transaction& tx, std::string_view facility_code,
                                                 const NoticeRange& range) override {
    {
      const std::lock_guard lock(mutex_);
      read_ += 'A';
    }
    return PostgresNoticeStore::List(tx, facility_code, range);
  }
  absl::StatusOr<std::map<std::string, int64_t>> LastNumbers(
      Transaction& tx, std::span<const std::string> facility_codes) override {
    {
      std::unique_lock lock(mutex_);
      read_ += 'T';
      wake_.wait(lock, [this] { return goes_on_; });
    }
    return PostgresNoticeStore::LastNumbers(tx, facility_codes);
  }

  void GoOn() {
    {
      const std::lock_guard lock(mutex_);
      goes_on_ = true;
    }
    wake_.notify_all();
  }
  std::string read() const {
    const std::lock_guard lock(mutex_);
    return read_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool goes_on_ = false;
  std::string read_;
};

class NoticeServiceTest : public EligibilityServiceTest {
 protected:
  NoticeServiceTest() {
    Register();
    notices_port_ = std::make_unique<RpcServer>(database_, clock_, Port::kTerminal);
    service_ = MakeNoticeService({notices_port_->dispatch(), notices_port_->database(),
                                  notice_store_, audit_key_, handle_key_},
                                 {.most_streams = 3, .turn = std::chrono::milliseconds(20)});
    notices_port_->Start(*service_);
    Insure(1, "5678910", "01");
  }
  ~NoticeServiceTest() override { notices_port_->Stop(); }

  void Register() {
    const auto operators = database_.Open("kakunin_operator");
    PostgresRegistryStore store;
    const auto row = [&](const char* facility, TerminalKind kind, const TestIdentity& identity) {
      return TerminalRow{.facility_code = facility,
                         .terminal_id = kind == TerminalKind::kDesk ? "desk-1" : "restricted-1",
                         .kind = kind,
                         .fingerprint = identity.fingerprint,
                         .not_before = clock_.Now() - absl::Hours(1),
                         .not_after = clock_.Now() + absl::Hours(1000)};
    };
    const absl::Status status = operators->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(
          store.PutFacility(tx, {.facility_code = kOtherFacility, .name = "別の診療所"}));
      RETURN_IF_ERROR(store.PutTerminal(tx, row(kOtherFacility, TerminalKind::kDesk, elsewhere_)));
      return store.PutTerminal(tx, row(kTestFacility, TerminalKind::kRestricted, restricted_));
    });
    EXPECT_TRUE(status.ok()) << status;
  }

  // A confirmation through the lane; returns its audit id.
  std::string Confirm(v1::Validity told = v1::VALIDITY_VALID) {
    v1::ConfirmByInsuredNumberResponse response;
    const auto stub = StubOf();
    EXPECT_TRUE(EligibilityServiceTest::Confirm(*stub, Ask("5678910", "01"), response).ok());
    EXPECT_EQ(response.validity(), told);
    return response.audit_id();
  }

  // Publishes that the person of Insure(1) has lost or regained the coverage by today, and
  // searches unless told otherwise.
  void Publish(bool lost, bool search = true) {
    clock_.Advance(absl::Minutes(10));
    StagedCoverage row = SampleRow(kTestInsurer, "ref-1", 1, RowAction::kLost);
    row.individual = IndividualNumberHash{.hash = {1}, .key_id = "k"};
    if (lost) row.record.disqualification_date = CivilDayAt(clock_.Now());
    FeedDriver feeds(database_, kTestInsurer, FeedKind::kCoverages, CopiesOfThisFormat());
    const auto published = feeds.Publish(feeds.Stage(++feed_, std::vector{row}), clock_.Now());
    ASSERT_TRUE(published.ok()) << published.status();
    ASSERT_EQ(published->counts.lost_rows + published->counts.corrected_rows, 1);
    if (search) Search();
  }
  void Search() {
    const auto jobs = database_.Open("kakunin_job");
    PostgresHousekeepingStore store{CopiesOfThisFormat()};
    NoticeStep step;
    const auto take = [&] {
      const absl::Status status = jobs->Write(Soon(), [&](Transaction& tx) -> absl::Status {
        RETURN_IF_ERROR(store.SeeNoticeWork(tx, clock_.Now()).status());
        std::optional<NoticeWorkId> taken;
        ASSIGN_OR_RETURN(step, store.FindNotices(tx, clock_.Now(), 1000, taken));
        return absl::OkStatus();
      });
      ASSERT_TRUE(status.ok()) << status;
    };
    take();
    clock_.Advance(kNoticeWorkRipens);
    do take();
    while (!step.idle);
  }

  std::unique_ptr<v1::NoticeService::Stub> Notices(const TestIdentity& identity) const {
    return v1::NoticeService::NewStub(notices_port_->Channel(identity));
  }
  std::unique_ptr<v1::NoticeService::Stub> Notices() const {
    return Notices(IdentityOf(Caller::kTerminal));
  }
  static v1::ListNoticesResponse List(v1::NoticeService::Stub& stub,
                                      const v1::ListNoticesRequest& request = {}) {
    v1::ListNoticesResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub.ListNotices(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static v1::AcknowledgeNoticesResponse Acknowledge(v1::NoticeService::Stub& stub,
                                                    std::vector<int64_t> numbers) {
    v1::AcknowledgeNoticesRequest request;
    request.mutable_numbers()->Add(numbers.begin(), numbers.end());
    v1::AcknowledgeNoticesResponse response;
    grpc::ClientContext context;
    context.AddMetadata("kakunin-user", "u7");
    const grpc::Status status = stub.AcknowledgeNotices(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // Watching is one stream of a client.
  struct Watching {
    Watching(std::unique_ptr<v1::NoticeService::Stub> notices, const std::string& token)
        : stub(std::move(notices)) {
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
      v1::WatchNoticesRequest request;
      request.set_resume_token(token);
      reader = stub->WatchNotices(&context, request);
    }
    // The next answer; empty when the stream ended.
    std::optional<v1::WatchNoticesResponse> Next() {
      v1::WatchNoticesResponse response;
      if (!reader->Read(&response)) return std::nullopt;
      return response;
    }
    std::unique_ptr<v1::NoticeService::Stub> stub;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<v1::WatchNoticesResponse>> reader;
  };
  std::unique_ptr<Watching> Watch(const std::string& token = "") {
    return std::make_unique<Watching>(Notices(), token);
  }

  const TestIdentity elsewhere_ = IssueTestIdentity({TerminalUri(kOtherFacility, "desk-1")});
  const TestIdentity restricted_ = IssueTestIdentity({TerminalUri(kTestFacility, "restricted-1")});
  PostgresNoticeStore notice_store_;
  std::unique_ptr<QueuedService> service_;
  std::unique_ptr<RpcServer> notices_port_;
  int64_t feed_ = 100;
};

TEST_F(NoticeServiceTest, WhatAFacilityWasToldAndIsOtherwiseNowIsListedToItAlone) {
  const std::string confirmed = Confirm();
  Publish(/*lost=*/true);
  const v1::ListNoticesResponse listed = List(*Notices());
  ASSERT_EQ(listed.notices_size(), 1);
  const v1::Notice& notice = listed.notices(0);
  EXPECT_EQ(notice.number(), 1);
  EXPECT_EQ(notice.kind(), v1::NOTICE_KIND_ANSWER_CHANGED);
  EXPECT_EQ(notice.validity_before(), v1::VALIDITY_VALID);
  EXPECT_EQ(notice.validity_after(), v1::VALIDITY_INVALID);
  ASSERT_EQ(notice.parts_size(), 2);
  EXPECT_EQ(notice.parts(0), v1::NOTICE_PART_VALIDITY);
  EXPECT_EQ(notice.parts(1), v1::NOTICE_PART_PERIOD);
  EXPECT_EQ(notice.confirmation_audit_id(), confirmed);
  EXPECT_NE(notice.message().find("再度資格確認"), std::string::npos);
  EXPECT_FALSE(notice.has_acknowledgement());
  EXPECT_FALSE(listed.audit_id().empty());
  const auto handle = handle_key_.Open(kTestFacility, notice.patient_handle());
  ASSERT_TRUE(handle.has_value());
  EXPECT_EQ(Count(fmt::format("SELECT count(*) FROM kakunin.confirmation WHERE person_id = '{}'",
                              UuidText(PersonId{handle->person}))),
            1);
  // Neither who they are nor where they are insured.
  const std::string octets = listed.SerializeAsString();
  for (const char* hidden : {"髙田", "タカダ", "5678910", "１２３４", kTestInsurer, "見本組合"}) {
    EXPECT_EQ(octets.find(hidden), std::string::npos) << hidden;
  }
  EXPECT_EQ(List(*Notices(elsewhere_)).notices_size(), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 72"), 2);
}

TEST_F(NoticeServiceTest, WhoAsksAgainAndIsToldTheNewAnswerGetsANoticeOfTheOldOneOnly) {
  const std::string old = Confirm();
  Publish(true, /*search=*/false);
  clock_.Advance(absl::Seconds(1));
  const std::string again = Confirm(v1::VALIDITY_INVALID);
  Search();
  ASSERT_EQ(List(*Notices()).notices_size(), 1);
  Publish(false);  // the loss was a mistake
  const v1::ListNoticesResponse listed = List(*Notices());
  ASSERT_EQ(listed.notices_size(), 2);
  EXPECT_EQ(listed.notices(0).confirmation_audit_id(), old);
  EXPECT_EQ(listed.notices(1).confirmation_audit_id(), again);
  EXPECT_EQ(listed.notices(1).validity_before(), v1::VALIDITY_INVALID);
  EXPECT_EQ(listed.notices(1).validity_after(), v1::VALIDITY_VALID);
  Search();
  EXPECT_EQ(List(*Notices()).notices_size(), 2);
}

// By the number of nobody whom anybody knows; then the insurer tells of them.
TEST_F(NoticeServiceTest, WhoWasToldThatThereIsNoneIsToldWithoutAHandleThatThereIsOne) {
  v1::ConfirmByInsuredNumberResponse answer;
  const auto stub = StubOf();
  const auto ask = [&](const std::string& branch, v1::Validity told) {
    EXPECT_TRUE(EligibilityServiceTest::Confirm(*stub, Ask("4444444", branch), answer).ok());
    EXPECT_EQ(answer.validity(), told);
    return answer.audit_id();
  };
  ask("", v1::VALIDITY_NOT_FOUND);
  const std::string asked = ask("03", v1::VALIDITY_NOT_FOUND);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.no_match_inquiry"), 2);
  clock_.Advance(absl::Minutes(10));
  Insure(9, "4444444", "03");
  Search();
  Search();
  const v1::ListNoticesResponse listed = List(*Notices());
  ASSERT_EQ(listed.notices_size(), 1);
  const v1::Notice& notice = listed.notices(0);
  EXPECT_EQ(notice.kind(), v1::NOTICE_KIND_ANSWER_CHANGED);
  EXPECT_EQ(notice.validity_before(), v1::VALIDITY_NOT_FOUND);
  EXPECT_EQ(notice.validity_after(), v1::VALIDITY_VALID);
  EXPECT_EQ(notice.patient_handle(), "");
  EXPECT_EQ(notice.parts_size(), 1);
  EXPECT_NE(notice.message().find("該当資格なし"), std::string::npos);
  EXPECT_EQ(List(*Notices(elsewhere_)).notices_size(), 0);
  // The later of the two questions; whoever asks again is shown who it is, and no more is kept.
  EXPECT_EQ(notice.confirmation_audit_id(), asked);
  ask("03", v1::VALIDITY_VALID);
  EXPECT_FALSE(answer.patient_handle().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.no_match_inquiry"), 2);
}

TEST_F(NoticeServiceTest, PagesFollowEachOtherByNumber) {
  Confirm();
  for (const bool lost : {true, false, true}) Publish(lost);
  v1::ListNoticesRequest request;
  request.set_page_size(2);
  const auto stub = Notices();
  const v1::ListNoticesResponse first = List(*stub, request);
  ASSERT_EQ(first.notices_size(), 2);
  request.set_page_token(first.next_page_token());
  const v1::ListNoticesResponse second = List(*stub, request);
  ASSERT_EQ(second.notices_size(), 1);
  EXPECT_EQ(second.notices(0).number(), 3);
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(NoticeServiceTest, AnAcknowledgementIsKeptOnceWithWhoAndAnotherFacilitysIsUnknown) {
  Confirm();
  Publish(true);
  const auto stub = Notices();
  EXPECT_EQ(Acknowledge(*Notices(elsewhere_), {1}).unknown_numbers_size(), 1);
  const v1::AcknowledgeNoticesResponse first = Acknowledge(*stub, {1, 9});
  EXPECT_EQ(first.acknowledged(), 1);
  ASSERT_EQ(first.unknown_numbers_size(), 1);
  EXPECT_EQ(first.unknown_numbers(0), 9);
  const absl::Time at = clock_.Now();
  clock_.Advance(absl::Hours(1));
  const v1::AcknowledgeNoticesResponse again = Acknowledge(*stub, {1});
  EXPECT_EQ(again.acknowledged(), 0);
  EXPECT_EQ(again.acknowledged_before(), 1);
  EXPECT_EQ(List(*stub).notices_size(), 0);
  v1::ListNoticesRequest all;
  all.set_include_acknowledged(true);
  const v1::ListNoticesResponse listed = List(*stub, all);
  ASSERT_EQ(listed.notices_size(), 1);
  const v1::NoticeAcknowledgement& by = listed.notices(0).acknowledgement();
  EXPECT_EQ(by.user(), "u7");
  EXPECT_EQ(by.terminal_id(), kTestTerminal);
  EXPECT_EQ(by.time().seconds(), absl::ToUnixSeconds(at));
}

TEST_F(NoticeServiceTest, AStreamTellsWhatWaitsThenWhatIsFoundAndResumesAfterItsToken) {
  Confirm();
  Publish(true);
  std::string token;
  {
    const auto watching = Watch();
    const auto waiting = watching->Next();
    ASSERT_TRUE(waiting.has_value());
    ASSERT_EQ(waiting->notices_size(), 1);
    Publish(false);
    const auto found = watching->Next();
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->notices_size(), 1);
    EXPECT_EQ(found->notices(0).number(), 2);
    token = waiting->resume_token();
    watching->context.TryCancel();
  }
  const auto resumed = Watch(token);
  const auto next = resumed->Next();
  ASSERT_TRUE(next.has_value());
  ASSERT_EQ(next->notices_size(), 1);
  EXPECT_EQ(next->notices(0).number(), 2);
  // Every answer of a stream is audited.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 74 AND code = 0"), 3);
  resumed->context.TryCancel();
}

TEST_F(NoticeServiceTest, AStreamToWhichNothingWaitsSaysSoAtOnce) {
  const auto watching = Watch();
  const auto first = watching->Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->notices_size(), 0);
  EXPECT_EQ(first->resume_token(), "0");
  watching->context.TryCancel();
}

TEST_F(NoticeServiceTest, ARevokedTerminalsStreamEndsAndIsCountedOnce) {
  const int counted = notices_port_->observer().Count();
  const auto watching = Watch();
  ASSERT_TRUE(watching->Next().has_value());
  const auto operators = database_.Open("kakunin_operator");
  PostgresRegistryStore store;
  const absl::Status revoked = operators->Write(Soon(), [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, kTestTerminal));
    row->revoked_at = clock_.Now();
    return store.PutTerminal(tx, *row);
  });
  ASSERT_TRUE(revoked.ok()) << revoked;
  EXPECT_FALSE(watching->Next().has_value());
  const grpc::Status status = watching->reader->Finish();
  EXPECT_EQ(DescribeError(status).reason, "TERMINAL_REVOKED") << status.error_message();
  notices_port_->Shutdown();
  EXPECT_EQ(notices_port_->observer().Count(), counted + 1);
}

// Three streams wait for their first answers while a turn is held: once its time is over, each of
// them is answered in a turn of its own, before which the door was asked.
TEST_F(NoticeServiceTest, HoweverManyWaitTheDoorIsAskedAgainWhenATurnIsOver) {
  HeldNoticeStore store;
  std::unique_ptr<QueuedService> service;
  RpcServer port(database_, clock_, Port::kTerminal);
  service = MakeNoticeService({port.dispatch(), port.database(), store, audit_key_, handle_key_},
                              {.most_streams = 3,
                               .turn = std::chrono::milliseconds(0),
                               .database_bound = std::chrono::seconds(20)});
  port.Start(*service);
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      Watching watching(v1::NoticeService::NewStub(port.Channel(IdentityOf(Caller::kTerminal))),
                        "");
      // Who is refused came when the other three had begun.
      if (watching.Next().has_value()) {
        ++answered;
      } else {
        store.GoOn();
      }
      watching.context.TryCancel();
    });
  }
  for (std::thread& client : clients) client.join();
  port.Stop();
  EXPECT_EQ(answered, 3);
  const std::string read = store.read();
  EXPECT_EQ(std::ranges::count(read, 'A'), 3);
  EXPECT_EQ(read.find("AA"), std::string::npos) << read.substr(0, 100);
}

TEST_F(NoticeServiceTest, AShutdownEndsEveryStream) {
  const auto watching = Watch();
  ASSERT_TRUE(watching->Next().has_value());
  const auto begun = steady_clock::now();
  notices_port_->Shutdown();
  EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(10));
  EXPECT_FALSE(watching->Next().has_value());
  EXPECT_FALSE(watching->reader->Finish().ok());
}

TEST_F(NoticeServiceTest, BeyondTheMostStreamsAPortIsOverloadedUntilOneEnds) {
  std::vector<std::unique_ptr<Watching>> held;
  for (int i = 0; i < 3; ++i) {
    held.push_back(Watch());
    ASSERT_TRUE(held.back()->Next().has_value());
  }
  const auto refused = Watch();
  EXPECT_FALSE(refused->Next().has_value());
  EXPECT_EQ(DescribeError(refused->reader->Finish()).reason, "OVERLOADED");
  held.front()->context.TryCancel();
  const auto bound = Soon();
  bool taken = false;
  while (!taken) {
    ASSERT_LT(steady_clock::now(), bound);
    const auto another = Watch();
    taken = another->Next().has_value();
    another->context.TryCancel();
  }
  for (const auto& watching : held) watching->context.TryCancel();
}

TEST_F(NoticeServiceTest, RestrictedTerminalsAndAnotherFacilitysCodeAreRefusedAndWrittenDown) {
  v1::ListNoticesResponse response;
  {
    grpc::ClientContext context;
    const grpc::Status status = Notices(restricted_)->ListNotices(&context, {}, &response);
    EXPECT_EQ(DescribeError(status).reason, "TERMINAL_RESTRICTED");
  }
  {
    grpc::ClientContext context;
    v1::ListNoticesRequest request;
    request.set_facility_code(kOtherFacility);
    const grpc::Status status = Notices()->ListNotices(&context, request, &response);
    EXPECT_EQ(DescribeError(status).reason, "FACILITY_CODE_DIFFERS");
  }
  Watching watching(Notices(restricted_), "");
  EXPECT_FALSE(watching.Next().has_value());
  EXPECT_EQ(DescribeError(watching.reader->Finish()).reason, "TERMINAL_RESTRICTED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation IN (72, 74)"
                  " AND code <> 0"),
            3);
}

TEST_F(NoticeServiceTest, EveryFieldThatIsWrongIsToldAtOnce) {
  v1::ListNoticesRequest list;
  list.set_page_size(1001);
  list.set_page_token("7x");
  v1::ListNoticesResponse response;
  grpc::ClientContext context;
  const ErrorDescription listed = DescribeError(Notices()->ListNotices(&context, list, &response));
  EXPECT_EQ(listed.reason, "INVALID_FIELDS");
  EXPECT_EQ(listed.violations.size(), 2u);
  v1::AcknowledgeNoticesRequest acknowledge;
  acknowledge.add_numbers(1);
  acknowledge.add_numbers(0);
  v1::AcknowledgeNoticesResponse done;
  grpc::ClientContext other;
  const ErrorDescription acknowledged =
      DescribeError(Notices()->AcknowledgeNotices(&other, acknowledge, &done));
  ASSERT_EQ(acknowledged.violations.size(), 1u);
  EXPECT_EQ(acknowledged.violations[0].field, "numbers[1]");
  const auto watching = Watch("-1");
  EXPECT_FALSE(watching->Next().has_value());
  EXPECT_EQ(DescribeError(watching->reader->Finish()).reason, "INVALID_FIELDS");
}

}  // namespace
}  // namespace kakunin
