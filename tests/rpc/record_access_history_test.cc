// Records over the service against the naive model: random histories of card acts (agreed,
// declined, not asked) for three forms of care and several bookings, revocations, cards that are
// revoked or renewed, time and calls, over mTLS, lanes and PostgreSQL; with KAKUNIN_LONG 2,000 of
// them. The rules alone are held against the same model in
// tests/unit/domain/record_access_property_test.cc.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

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

constexpr int kMostEvents = 14;
constexpr int kMostAttempts = 20;
constexpr int kReasonSuperseded = 4;  // CRLReason of RFC 5280 5.3.1

// The same worlds always, since the list of tests is made when they are built: 10 of 200, or of
// fewer.
constexpr int kWorlds = 10;
constexpr int kEnoughForAll = 30;

int HistoriesOf(int world) {
  if (std::getenv("KAKUNIN_LONG") != nullptr) return 200;
  return world == 0 ? kEnoughForAll : 1;
}

// RecordAccessHistory lives the histories of one seed one after the other, each with a patient and
// cards of its own, in one installation.
class RecordAccessHistory : public CardConfirmationTest, public testing::WithParamInterface<int> {
 protected:
  void Live(int patient) {
    patient_ = patient;
    number_ = fmt::format("{}", 5'000'000 + patient);
    // All live at one time, for certificates of terminals end. Windows end to the second: so does
    // everything here.
    clock_.Advance(start_ + absl::Seconds(patient) - clock_.Now());
    first_day_ = CivilDayAt(clock_.Now());
    cards_.clear();
    last_scope_ = {};
    last_act_ = absl::InfinitePast();
    Insure(static_cast<uint8_t>(patient), number_, "01");
    History history;
    NaiveWorld world(history);
    Renew(history);
    const int events = Draw(8, kMostEvents);
    for (int i = 0; i < events && !HasFailure(); ++i) {
      MoveClock();
      // Mostly where something was said before, so that what happens meets it.
      const Scope scope = Draw(0, 1) == 0 ? DrawScope() : last_scope_;
      switch (Draw(0, 11)) {
        case 0:
        case 1:
        case 2:
        case 3:
          if (!cards_.back().revoked) ActByCard(world, scope);
          break;
        case 4:
        case 5:
          Revoke(world, scope);
          break;
        case 6:
          RevokeCard(history);
          break;
        case 7:
          if (cards_.size() < history.fates.size()) Renew(history);
          break;
        default:
          break;
      }
      for (const Scope& asked : {scope, last_scope_}) {
        Compare(world, RecordKind::kDrug, asked);
        Compare(world, RecordKind::kHealthCheck, asked);
      }
    }
  }

  int calls_ = 0;
  int asked_again_ = 0;  // with a bound a call
  std::map<std::string, int> seen_;
  std::map<int, int> shown_by_form_;
  int shown_after_renewal_ = 0;
  std::mt19937_64 random_;

 private:
  // Scope is for which care something is said or asked.
  struct Scope {
    FormOfCare form = FormOfCare::kOutpatient;
    std::optional<absl::CivilDay> booking;  // exactly with online care
  };
  // Card is one of the patient's, the last of which is the one in use.
  struct Card {
    uint64_t serial = 0;
    bool revoked = false;
    bool superseded = false;
    bool listed_as_superseded = false;  // else the card link alone tells
  };

  int Draw(int least, int most) { return std::uniform_int_distribution(least, most)(random_); }
  int64_t Seconds() const { return absl::ToUnixSeconds(clock_.Now()); }

  Scope DrawScope() {
    switch (Draw(0, 4)) {
      case 0:
      case 1:
        return {};
      case 2:
        return {.form = FormOfCare::kHomeVisit, .booking = {}};
      default:
        return {.form = FormOfCare::kOnlineCare, .booking = first_day_ + Draw(0, 2)};
    }
  }
  static void SetScope(const Scope& scope, Event& event) {
    event.form = static_cast<int>(scope.form);
    if (scope.booking) {
      event.booking = static_cast<int>(*scope.booking - absl::CivilDay(1970, 1, 1));
    }
  }
  static v1::FormOfCare FormOf(const Scope& scope) {
    return static_cast<v1::FormOfCare>(scope.form);
  }

  // By a little, to the edge of the window that opened last, or to midnight; at least a second,
  // since of two acts at one instant the stricter would win.
  void MoveClock() {
    absl::Duration by = absl::Seconds(1);
    const absl::Duration to_edge = last_act_ + absl::Hours(24) - clock_.Now();
    const int choice = Draw(0, 9);
    if (choice < 3 && to_edge > absl::Seconds(2) && last_act_ != absl::InfinitePast()) {
      by = to_edge + absl::Seconds(choice - 1);
    } else if (choice < 5) {
      const absl::Duration to_midnight = EndOfDay(CivilDayAt(clock_.Now())) - clock_.Now();
      by = std::max(by, to_midnight + absl::Seconds(Draw(-1, 1)));
    } else if (choice < 7) {
      by = absl::Minutes(Draw(1, 240));
    }
    clock_.Advance(by);
    RenewCrl();
  }

  void ActByCard(NaiveWorld& world, const Scope& scope) {
    if (scope.booking && *scope.booking < CivilDayAt(clock_.Now())) return;  // over
    certificate_ = CertificateNow(cards_.back().serial);
    v1::ConfirmByCardRequest request = Act(v1::DECISION_NOT_ASKED, FormOf(scope), scope.booking);
    Event event{
        .type = Event::kAct, .at = Seconds(), .certificate = static_cast<int>(cards_.size()) - 1};
    SetScope(scope, event);
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
    last_scope_ = scope;
    world.Apply(event);
  }

  void Revoke(NaiveWorld& world, Scope scope) {
    if (scope.booking && Draw(0, 2) == 0) scope.booking.reset();  // of every booking
    Event event{.type = Event::kEnd, .at = Seconds(), .kinds = Draw(1, (1 << kConsentKinds) - 1)};
    event.reason = static_cast<int>(v1::CONSENT_END_REASON_REVOKED_BY_PATIENT);
    SetScope(scope, event);
    v1::RevokeConsentRequest request;
    *request.mutable_patient() = Patient();
    request.set_form_of_care(FormOf(scope));
    if (scope.booking) *request.mutable_appointment_date() = DayToProto(*scope.booking);
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

  // Any of the patient's cards, also one that was superseded before.
  void RevokeCard(History& history) {
    const auto index = static_cast<size_t>(Draw(0, static_cast<int>(cards_.size()) - 1));
    if (cards_[index].revoked) return;
    cards_[index].revoked = true;
    history.fates[index].revoked = Seconds();
    RenewCrl();
  }

  // The patient's first card, or the next one in place of the last.
  void Renew(History& history) {
    const size_t index = cards_.size();
    CardLinkRow link{
        .issuer_key_id = CardIssuerKeyId(), .medium = 1, .individual = {.key_id = "k"}};
    link.individual.hash[0] = static_cast<uint8_t>(patient_);
    if (index > 0) {
      Card& last = cards_.back();
      last.superseded = true;
      last.listed_as_superseded = Draw(0, 1) == 0;
      history.fates[index - 1].superseded = Seconds();
      link.replaces_issuer_key_id = CardIssuerKeyId();
      link.replaces_serial = SerialOctets(last.serial);
    }
    const uint64_t serial = auth::kSerial + static_cast<uint64_t>(patient_) + 1'000 * index;
    link.serial = SerialOctets(serial);
    cards_.push_back({.serial = serial});
    PostgresCardLinkStore links;
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) {
          return links.Put(tx, std::span(&link, 1), clock_.Now()).status();
        });
    ASSERT_TRUE(status.ok()) << status;
    RenewCrl();
  }

  std::string CertificateNow(uint64_t serial) const {
    auth::CertificateSpec card = auth::DefaultCertificate();
    card.serial = auth::SerialNumber(serial);
    card.not_before = clock_.Now() - absl::Hours(24);
    card.not_after = clock_.Now() + absl::Hours(24 * 400);
    return auth::Signed(card);
  }

  // The lists of this instant: what a day-old list says is "cannot tell".
  void RenewCrl() {
    auth::CrlSpec crl = auth::DefaultCrl(clock_.Now());
    for (const Card& card : cards_) {
      const bool listed = card.revoked || card.listed_as_superseded;
      if (!listed) continue;
      const std::optional<int> reason = card.revoked ? std::optional<int>() : kReasonSuperseded;
      crl.entries.push_back({.serial = auth::SerialNumber(card.serial), .reason = reason});
    }
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(crl, CardIssuer())})));
  }

  void Compare(NaiveWorld& world, RecordKind kind, const Scope& scope) {
    Event call{.at = Seconds(), .kind = static_cast<int>(kind)};
    SetScope(scope, call);
    const Verdict expected = world.Ask(call);
    const Verdict told = kind == RecordKind::kDrug
                             ? Ask<v1::GetDrugHistoryRequest, v1::GetDrugHistoryResponse>(
                                   &v1::RecordService::Stub::GetDrugHistory, scope)
                             : Ask<v1::GetHealthChecksRequest, v1::GetHealthChecksResponse>(
                                   &v1::RecordService::Stub::GetHealthChecks, scope);
    ++calls_;
    ++seen_[expected.name];
    if (expected.name == "OK") {
      ++shown_by_form_[call.form];
      shown_after_renewal_ += cards_.size() > 1 ? 1 : 0;
    }
    EXPECT_EQ(told, expected) << fmt::format(
        "{} patient {} at {}: form {} booking {} kind {}: {} until {}, model {} until {}",
        SeedTrace(), patient_, call.at, call.form, call.booking, call.kind, told.name, told.until,
        expected.name, expected.until);
  }

  template <class Request, class Response>
  Verdict Ask(grpc::Status (v1::RecordService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Response*),
              const Scope& scope) {
    Request request;
    *request.mutable_patient() = Patient();
    request.set_form_of_care(FormOf(scope));
    if (scope.booking) *request.mutable_appointment_date() = DayToProto(*scope.booking);
    Response response;
    const auto stub = v1::RecordService::NewStub(port_->Channel(Caller::kTerminal));
    grpc::Status status;
    // On a machine that stands still for seconds there is no answer: that is no verdict, and asked
    // again as a terminal does.
    for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
      grpc::ClientContext context;
      Prepare(context);
      status = (stub.get()->*method)(&context, request, &response);
      if (!IsNoVerdict(status)) break;
      ++asked_again_;
    }
    if (!status.ok()) return {DescribeError(status).reason};
    if (!response.has_consent_end_time()) return {"OK", naive::kForever};
    return {"OK", absl::ToUnixSeconds(TimeFromProto(response.consent_end_time()))};
  }

  static bool IsNoVerdict(const grpc::Status& status) {
    return status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
           (status.error_code() == grpc::StatusCode::UNAVAILABLE &&
            DescribeError(status).reason != FactsOf(Reason::kRevocationUnknown).name);
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
    key.mutable_insured()->set_branch_number("01");
    *key.mutable_insured()->mutable_birth_date() = DayToProto(kBirth);
    return key;
  }

  const absl::Time start_ = absl::FromUnixSeconds(Seconds());
  int patient_ = 0;
  std::string number_;
  absl::CivilDay first_day_;
  std::vector<Card> cards_;
  Scope last_scope_;
  absl::Time last_act_ = absl::InfinitePast();
};

TEST_P(RecordAccessHistory, TheServiceAgreesWithTheNaiveModel) {
  random_.seed(TestSeed() * 1'000 + static_cast<uint64_t>(GetParam()));
  const int histories = HistoriesOf(GetParam());
  for (int patient = 1; patient <= histories && !HasFailure(); ++patient) Live(patient);
  RecordProperty("calls", calls_);
  RecordProperty("asked_again", asked_again_);
  if (histories < kEnoughForAll) return;
  for (const char* name : {"OK", "NO_CONSENT", "CONSENT_DECLINED", "CONSENT_EXPIRED",
                           "CONSENT_REVOKED", "CONSENT_CERTIFICATE_REVOKED"}) {
    EXPECT_GE(seen_[name], 1) << name;
  }
  for (const FormOfCare form :
       {FormOfCare::kOutpatient, FormOfCare::kHomeVisit, FormOfCare::kOnlineCare}) {
    EXPECT_GE(shown_by_form_[static_cast<int>(form)], 1) << static_cast<int>(form);
  }
  EXPECT_GE(shown_after_renewal_, 1);
}

INSTANTIATE_TEST_SUITE_P(Worlds, RecordAccessHistory, testing::Range(0, kWorlds));

}  // namespace
}  // namespace kakunin
