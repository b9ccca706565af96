// The rules of record access against a naive model, on random histories of consent, revocation,
// time and calls. The rules look back over all that is stored at once; the model walks forward.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "domain/record_access.h"
#include "tests/support/test_seed.h"
#include "tests/unit/domain/naive_record_access.h"
#include "tests/unit/domain/record_access_history.h"

namespace kakunin {
namespace {

using naive::Event;
using naive::Fate;
using naive::History;
using naive::kForever;
using naive::kNoBooking;
using naive::NaiveWorld;
using naive::Seconds;
using naive::Verdict;

absl::CivilDay AsDay(int day) { return absl::CivilDay(1970, 1, 1) + day; }

PersonId PersonOf(int number) { return PersonId{{static_cast<uint8_t>(number + 1)}}; }
std::string FacilityOf(int number) { return fmt::format("131000000{}", number); }

class Rules {
 public:
  explicit Rules(const History& history) : history_(history) {
    if (history_.lapse_ignored_from > -kForever) {
      rules_.lapse_ignored_from = absl::FromUnixSeconds(history_.lapse_ignored_from);
      rules_.lapse_ignored_to = absl::FromUnixSeconds(history_.lapse_ignored_to);
    }
  }

  void Apply(const Event& event) {
    if (event.type == Event::kEnd) return AddEnd(event);
    AddAct(event);
    // Later rows first: the order must not matter (but for equal instants, which keep theirs).
    std::stable_sort(acts_.begin(), acts_.end(),
                     [](const ConsentAct& a, const ConsentAct& b) { return a.begin > b.begin; });
  }

  Verdict Ask(const Event& event) const {
    static constexpr Operation kOperations[] = {
        Operation::kGetDrugHistory,      Operation::kGetTreatmentHistory,
        Operation::kGetTreatmentHistory, Operation::kGetHealthChecks,
        Operation::kGetCertificates,     Operation::kGetCertificates};
    const absl::Time at = absl::FromUnixSeconds(event.at);
    Terminal terminal;
    terminal.facility_code = FacilityOf(event.facility);
    terminal.facility_type = static_cast<FacilityType>(event.facility_type);
    terminal.kind = static_cast<TerminalKind>(event.terminal_kind);
    terminal.role = static_cast<Role>(event.role);
    RecordCall call;
    call.terminal = &terminal;
    call.operation = kOperations[event.kind - 1];
    call.kind = static_cast<RecordKind>(event.kind);
    call.form_of_care = static_cast<FormOfCare>(event.form);
    call.at = at;
    call.persons_found = event.persons_found;
    call.confirmed_for_eligibility_only = event.in_grace;
    if (event.asked_through != 0) call.asked_through = AsDay(event.asked_through);

    ConsentScope scope{PersonOf(event.person), terminal.facility_code, call.form_of_care, {}};
    if (event.booking != kNoBooking) scope.appointment_day = AsDay(event.booking);
    std::vector<ConsentEvidence> evidence;
    for (const ConsentState& state :
         ConsentStatesAt({acts_, ends_}, scope, static_cast<ConsentKind>(event.kind), at)) {
      evidence.push_back({state, FindingOf(*state.act, event.at)});
    }
    const RecordDecision decision = DecideRecordAccess(call, evidence, rules_);
    if (!decision.allowed()) return {std::string(FactsOf(*decision.denial).name)};
    const bool endless = decision.until == absl::InfiniteFuture();
    return {"OK", endless ? kForever : absl::ToUnixSeconds(decision.until)};
  }

 private:
  void AddAct(const Event& event) {
    ConsentAct act;
    act.person = PersonOf(event.person);
    act.facility_code = FacilityOf(event.facility);
    act.form_of_care = static_cast<FormOfCare>(event.form);
    if (event.booking != kNoBooking) act.appointment_day = AsDay(event.booking);
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      act.decisions.Set(static_cast<ConsentKind>(kind),
                        event.decisions[static_cast<size_t>(kind) - 1]);
    }
    act.method = event.oral ? ConsentMethod::kOral : ConsentMethod::kCard;
    act.begin = absl::FromUnixSeconds(event.at);
    const auto window = ConsentWindowFor(act.form_of_care, act.begin, act.appointment_day);
    act.end = window ? window->end : act.begin;
    if (!event.oral) act.serial = std::string(1, static_cast<char>('0' + event.certificate));
    acts_.push_back(std::move(act));
  }

  void AddEnd(const Event& event) {
    ConsentEnd end;
    end.person = PersonOf(event.person);
    end.facility_code = FacilityOf(event.facility);
    end.form_of_care = static_cast<FormOfCare>(event.form);
    if (event.booking != kNoBooking) end.appointment_day = AsDay(event.booking);
    end.kinds = event.kinds;
    end.reason = static_cast<ConsentEndReason>(event.reason);
    end.at = absl::FromUnixSeconds(event.at);
    ends_.push_back(std::move(end));
  }

  CertificateFinding FindingOf(const ConsentAct& act, Seconds now) const {
    if (act.serial.empty()) return CertificateFinding::kNoCertificate;
    const Fate& fate = history_.fates[static_cast<size_t>(act.serial[0] - '0')];
    if (fate.untraceable) return CertificateFinding::kUntraceable;
    if (fate.revoked <= now) return CertificateFinding::kRevoked;
    if (fate.superseded <= now) return CertificateFinding::kSuperseded;
    if (fate.expired <= now) return CertificateFinding::kExpired;
    const bool lost = fate.list_lost <= now && now < fate.list_back;
    return lost ? CertificateFinding::kUnknown : CertificateFinding::kGood;
  }

  const History& history_;
  std::vector<ConsentAct> acts_;
  std::vector<ConsentEnd> ends_;
  CertificateRules rules_;
};

TEST(RecordAccessProperty, AgreesWithTheNaiveModelOnRandomHistories) {
  const int histories = std::getenv("KAKUNIN_LONG") != nullptr ? 100'000 : 3'000;
  std::map<std::string, int> seen;
  int calls = 0;
  int wrong = 0;
  for (uint64_t i = 0; i < static_cast<uint64_t>(histories); ++i) {
    const uint64_t seed = TestSeed() + i;  // as KAKUNIN_SEED it is the first history
    const History history = naive::DrawHistory(seed);
    Rules rules(history);
    NaiveWorld world(history);
    for (const Event& event : history.events) {
      if (event.type != Event::kCall) {
        world.Apply(event);
        rules.Apply(event);
        continue;
      }
      ++calls;
      const Verdict expected = world.Ask(event);
      const Verdict decided = rules.Ask(event);
      ++seen[expected.name];
      if (decided == expected) continue;
      ADD_FAILURE() << fmt::format(
          "KAKUNIN_SEED={} at {} person {} facility {} form {} booking {} kind {}: {} until {}, "
          "model {} "
          "until {}",
          seed, event.at, event.person, event.facility, event.form, event.booking, event.kind,
          decided.name, decided.until, expected.name, expected.until);
      if (++wrong == 10) return;
    }
  }
  EXPECT_EQ(wrong, 0);
  RecordProperty("histories", histories);
  RecordProperty("calls", calls);
  // The histories reach everything that there is to be said.
  for (const char* name :
       {"OK", "NO_CONSENT", "CONSENT_DECLINED", "CONSENT_EXPIRED", "CONSENT_REVOKED",
        "CONSENT_CERTIFICATE_REVOKED", "CONSENT_CERTIFICATE_LAPSED", "REVOCATION_UNKNOWN",
        "CONSENT_CERTIFICATE_UNTRACEABLE", "CARD_ELIGIBILITY_ONLY", "BRANCH_NUMBER_NEEDED",
        "NOT_IN_SERVICE", "TERMINAL_RESTRICTED", "ROLE_NOT_ALLOWED", "FACILITY_TYPE_NOT_ALLOWED",
        "FORM_OF_CARE_NOT_IN_SERVICE"}) {
    EXPECT_GE(seen[name], 10) << name;
  }
  for (const auto& [name, count] : seen) fmt::print("{:>9} {}\n", count, name);
}

}  // namespace
}  // namespace kakunin
