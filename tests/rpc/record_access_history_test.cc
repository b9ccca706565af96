// Records over the service against the naive model: random histories of card acts, revocations,
// revoked certificates, time and calls, over mTLS, lanes and PostgreSQL. The rules alone are held
// against the same model in tests/unit/domain/record_access_property_test.cc.
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "kakunin/v1/consent_service.grpc.pb.h"
#include "kakunin/v1/record_service.grpc.pb.h"
#include "server/rpc/status.h"
#include "tests/rpc/card_confirmation_fixture.h"
#include "tests/support/test_seed.h"
#include "tests/unit/domain/naive_record_access.h"

namespace kakunin {
namespace {

using naive::Event;
using naive::History;
using naive::NaiveWorld;
using naive::Verdict;

constexpr int kHistoriesOfAWorld = 100;
constexpr int kMostEvents = 14;

int Worlds() { return std::getenv("KAKUNIN_LONG") != nullptr ? 20 : 1; }
int HistoriesOfAWorld() { return std::getenv("KAKUNIN_LONG") != nullptr ? kHistoriesOfAWorld : 30; }

// RecordAccessHistory lives the histories of one seed one after the other, each with a patient and
// a card of its own, in one installation.
class RecordAccessHistory : public CardConfirmationTest, public testing::WithParamInterface<int> {
 protected:
  void Live(int patient) {
    number_ = fmt::format("{}", 5'000'000 + patient);
    serial_ = auth::kSerial + static_cast<uint64_t>(patient);
    certificate_ = CertificateOf(serial_);
    revoked_ = false;
    last_act_ = absl::InfinitePast();
    Insure(static_cast<uint8_t>(patient), number_, "01");
    LinkCard(static_cast<uint8_t>(patient));
    RenewCrl();
    History history;
    NaiveWorld world(history);
    const int events = Draw(8, kMostEvents);
    for (int i = 0; i < events && !HasFailure(); ++i) {
      MoveClock();
      switch (Draw(0, 9)) {
        case 0:
        case 1:
        case 2:
          if (!revoked_) ActByCard(world);
          break;
        case 3:
        case 4:
          Revoke(world);
          break;
        case 5:
          if (!revoked_) {
            revoked_ = true;
            history.fates[0].revoked = Seconds();
            RenewCrl();
          }
          break;
        default:
          break;
      }
      Compare(world, RecordKind::kDrug);
      Compare(world, RecordKind::kHealthCheck);
    }
  }

  int calls_ = 0;
  std::map<std::string, int> seen_;
  std::mt19937_64 random_;

 private:
  int Draw(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  int64_t Seconds() const { return absl::ToUnixSeconds(clock_.Now()); }

  // By a little, or to the edge of the window that opened last; at least a second, since of two
  // acts at one instant the stricter would win.
  void MoveClock() {
    absl::Duration by = absl::Seconds(1);
    const absl::Duration to_edge = last_act_ + absl::Hours(24) - clock_.Now();
    const int choice = Draw(0, 9);
    if (choice < 3 && to_edge > absl::Seconds(2) && last_act_ != absl::InfinitePast()) {
      by = to_edge + absl::Seconds(choice - 1);
    } else if (choice < 6) {
      by = absl::Minutes(Draw(1, 240));
    }
    clock_.Advance(by);
    RenewCrl();
  }

  void ActByCard(NaiveWorld& world) {
    v1::ConfirmByCardRequest request = Act();
    Event event{.type = Event::kAct, .at = Seconds(), .certificate = 0};
    for (int kind = 0; kind < kConsentKinds; ++kind) {
      const int decision = Draw(0, 2);
      event.decisions[static_cast<size_t>(kind)] = decision == 0   ? Decision::kAgreed
                                                   : decision == 1 ? Decision::kDeclined
                                                                   : Decision::kNotAsked;
      request.mutable_decisions(kind)->set_decision(decision == 0   ? v1::DECISION_AGREED
                                                    : decision == 1 ? v1::DECISION_DECLINED
                                                                    : v1::DECISION_NOT_ASKED);
    }
    const grpc::Status status = Use(request);
    ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
    last_act_ = clock_.Now();
    world.Apply(event);
  }

  void Revoke(NaiveWorld& world) {
    Event event{.type = Event::kEnd, .at = Seconds(), .kinds = Draw(1, (1 << kConsentKinds) - 1)};
    event.reason = static_cast<int>(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
    v1::RevokeConsentRequest request;
    *request.mutable_patient() = Patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    request.set_reason(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      if ((event.kinds >> (kind - 1) & 1) != 0) {
        request.add_kinds(static_cast<v1::ConsentKind>(kind));
      }
    }
    v1::RevokeConsentResponse response;
    grpc::ClientContext context;
    Prepare(context);
    const grpc::Status status = v1::ConsentService::NewStub(port_->Channel(Caller::kTerminal))
                                    ->RevokeConsent(&context, request, &response);
    ASSERT_TRUE(status.ok()) << DescribeError(status).reason;
    world.Apply(event);
  }

  void Compare(NaiveWorld& world, RecordKind kind) {
    Event call{.at = Seconds(), .kind = static_cast<int>(kind)};
    const Verdict expected = world.Ask(call);
    const Verdict told = kind == RecordKind::kDrug
                             ? Ask<v1::GetDrugHistoryRequest, v1::GetDrugHistoryResponse>(
                                   &v1::RecordService::Stub::GetDrugHistory)
                             : Ask<v1::GetHealthChecksRequest, v1::GetHealthChecksResponse>(
                                   &v1::RecordService::Stub::GetHealthChecks);
    ++calls_;
    ++seen_[expected.name];
    EXPECT_EQ(told, expected) << fmt::format("{} at {}: kind {}: {} until {}, model {} until {}",
                                             SeedTrace(), call.at, call.kind, told.name, told.until,
                                             expected.name, expected.until);
  }

  template <class Request, class Response>
  Verdict Ask(grpc::Status (v1::RecordService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*)) {
    Request request;
    *request.mutable_patient() = Patient();
    request.set_form_of_care(v1::FORM_OF_CARE_OUTPATIENT);
    Response response;
    grpc::ClientContext context;
    Prepare(context);
    const auto stub = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal));
    const grpc::Status status = (stub.get()->*method)(&context, request, &response);
    if (!status.ok()) return {DescribeError(status).reason};
    return {"OK", absl::ToUnixSeconds(TimeFromProto(response.consent_end_time()))};
  }

  static void Prepare(grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    context.AddMetadata("kakunin-role", "DOCTOR");
  }

  v1::PatientKey Patient() const {
    v1::PatientKey key;
    key.mutable_insured()->set_insurer_number(kTestInsurer);
    key.mutable_insured()->set_symbol("1234");
    key.mutable_insured()->set_number(number_);
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }

  void LinkCard(uint8_t person) {
    CardLinkRow link{.issuer_key_id = CardIssuerKeyId(),
                     .serial = SerialOctets(serial_),
                     .medium = 1,
                     .individual = {.key_id = "k"}};
    link.individual.hash[0] = person;
    PostgresCardLinkStore links;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return links.Put(tx, std::span(&link, 1), clock_.Now()).status();
        });
    ASSERT_TRUE(status.ok()) << status;
  }

  // The lists of this instant: what a day-old list says is "cannot tell".
  void RenewCrl() {
    auth::CrlSpec crl = auth::DefaultCrl(clock_.Now());
    if (revoked_) crl.entries.push_back({.serial = auth::SerialNumber(serial_)});
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(crl, CardIssuer())})));
  }

  std::string number_;
  uint64_t serial_ = 0;
  bool revoked_ = false;
  absl::Time last_act_ = absl::InfinitePast();
};

TEST_P(RecordAccessHistory, TheServiceAgreesWithTheNaiveModel) {
  random_.seed(TestSeed() * 1'000 + static_cast<uint64_t>(GetParam()));
  for (int patient = 1; patient <= HistoriesOfAWorld() && !HasFailure(); ++patient) Live(patient);
  RecordProperty("calls", calls_);
  for (const char* name : {"OK", "NO_CONSENT", "CONSENT_DECLINED", "CONSENT_EXPIRED",
                           "CONSENT_REVOKED", "CONSENT_CERTIFICATE_REVOKED"}) {
    EXPECT_GE(seen_[name], 1) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Worlds, RecordAccessHistory, testing::Range(0, Worlds()));

}  // namespace
}  // namespace kakunin
