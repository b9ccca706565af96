// The reception at home from the link to the tables: HTTPS, card, PostgreSQL.
#include <algorithm>
#include <set>

#include "tests/http/reception_fixture.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr int kPatient = 5;  // ActorKind

TEST_F(ReceptionTest, AHomeVisitsConsentsLastUntilTheyAreWithdrawn) {
  const Session session = Open(MakeLink().token);
  const Answer given = Give(session, {"DRUG", "HEALTH_CHECK"});
  ASSERT_EQ(given.reason(), "");
  EXPECT_EQ(given.body["outcome"], "RECEPTION_OUTCOME_TAKEN");
  ASSERT_EQ(given.body["consents"].size(), 6u);
  for (const json& consent : given.body["consents"]) {
    const bool agreed =
        consent["kind"] == "CONSENT_KIND_DRUG" || consent["kind"] == "CONSENT_KIND_HEALTH_CHECK";
    EXPECT_EQ(consent["decision"], agreed ? "DECISION_AGREED" : "DECISION_DECLINED");
    EXPECT_FALSE(consent.contains("endTime"));
  }
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_act WHERE facility_code = '" +
                  std::string(kTestFacility) +
                  "' AND form_of_care = 2 AND appointment_day IS NULL AND agreed = 9"
                  " AND declined = 54 AND end_at = 'infinity' AND method = 1"),
            1);
}

TEST_F(ReceptionTest, IsAuditedWithAPatientAsTheActor) {
  const Session session = Open(MakeLink().token);
  ASSERT_EQ(Give(session, {"DRUG"}).reason(), "");
  ASSERT_EQ(List(session).reason(), "");
  ASSERT_EQ(Withdraw(session).reason(), "");
  std::set<int> operations;
  for (const auto& row :
       database_.Exec("SELECT operation, actor_kind, actor, role FROM kakunin.audit_event"
                      " WHERE actor LIKE '%/@web' AND code = 0")) {
    operations.insert(row[0].as<int>());
    EXPECT_EQ(row[1].as<int>(), kPatient);
    EXPECT_EQ(row[2].c_str(), std::string(kTestFacility) + "/@web");
    EXPECT_EQ(row[3].as<int>(), 0);
  }
  EXPECT_EQ(operations, (std::set<int>{10, 11, 60, 61}));
}

TEST_F(ReceptionTest, HandsOutNoEligibilityAndNoRecord) {
  const Session session = Open(MakeLink().token);
  std::set<std::string> keys;
  const auto add = [&](const json& body) {
    for (const auto& [key, value] : body.items()) keys.insert(key);
  };
  const Answer given = Give(session, {"DRUG", "LIMIT_CERTIFICATE"});
  add(given.body);
  add(given.body["consents"][0]);
  const Answer listed = List(session);
  add(listed.body);
  add(listed.body["consents"][0]);
  EXPECT_EQ(keys, (std::set<std::string>{"outcome", "consents", "actTime", "auditId", "kind",
                                         "formOfCare", "decision", "decideTime", "standing",
                                         "notCountingReason", "registered"}));
  for (const char* personal : {"髙田", "5678910", "霞が関", "見本組合"}) {
    EXPECT_EQ(given.body.dump().find(personal), std::string::npos) << personal;
  }
}

TEST_F(ReceptionTest, ABookingsConsentsAndItsLinkEndWithItsDay) {
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 3;
  const MadeLink link = MakeLink(day);
  const Answer opened = Call("OpenReception", {{"token", link.token}});
  EXPECT_EQ(opened.body["formOfCare"], "FORM_OF_CARE_ONLINE_CARE");
  EXPECT_EQ(opened.body["appointmentDate"]["day"], day.day());
  const Answer given = Give({opened.cookie, opened.body["csrfToken"]}, {"DRUG"});
  ASSERT_EQ(given.reason(), "");
  absl::Time end;
  ASSERT_TRUE(absl::ParseTime(
      absl::RFC3339_full, given.body["consents"][0]["endTime"].get<std::string>(), &end, nullptr));
  EXPECT_EQ(end, EndOfDay(day));
  clock_.Advance(EndOfDay(day) - absl::Seconds(1) - clock_.Now());
  EXPECT_EQ(Call("OpenReception", {{"token", link.token}}).reason(), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Call("OpenReception", {{"token", link.token}}).reason(), "RECEPTION_CLOSED");
}

TEST_F(ReceptionTest, ALinkEndsWithItsFacilityAndWorksFromTheStartOfItsFormOfCare) {
  const absl::CivilDay day = CivilDayAt(clock_.Now()) + 3;
  const auto set = [&](const std::string& columns) {
    database_.Exec("UPDATE kakunin.facility SET " + columns + " WHERE facility_code = '" +
                   std::string(kTestFacility) + "'");
  };
  const auto says = [&](const MadeLink& link, absl::Time at) {
    clock_.Advance(at - clock_.Now());
    SetRevocations(std::make_shared<const auth::RevocationSnapshot>(
        auth::SnapshotOf({auth::IssueCrl(auth::DefaultCrl(at), CardIssuer())})));
    return Call("OpenReception", {{"token", link.token}}).reason();
  };
  const std::string text = absl::FormatCivilTime(day);
  const MadeLink link = MakeLink();
  set("home_visits_from = 'infinity'");
  EXPECT_EQ(says(link, clock_.Now()), "RECEPTION_CLOSED");
  set("home_visits_from = '" + text + "'");
  EXPECT_EQ(says(link, StartOfDay(day) - absl::Seconds(1)), "RECEPTION_CLOSED");
  EXPECT_EQ(says(link, StartOfDay(day)), "");
  EXPECT_EQ(says(link, StartOfDay(day) + absl::Seconds(1)), "");
  const Session session = Open(link.token);
  EXPECT_EQ(List(session).reason(), "");
  set("closure_last_day = '" + text + "'");
  EXPECT_EQ(says(link, EndOfDay(day) - absl::Seconds(1)), "");
  EXPECT_EQ(says(link, EndOfDay(day)), "RECEPTION_CLOSED");
  EXPECT_EQ(says(link, EndOfDay(day) + absl::Seconds(1)), "RECEPTION_CLOSED");
  // A session that was open does nothing more.
  EXPECT_EQ(Call("BeginReceptionAct", {{"act", "RECEPTION_ACT_LIST_CONSENTS"}}, session).reason(),
            "RECEPTION_NOT_OPENED");
}

TEST_F(ReceptionTest, ListsChangesAndWithdrawsOwnConsents) {
  const Session session = Open(MakeLink().token);
  EXPECT_TRUE(List(session).body["consents"].empty());
  ASSERT_EQ(Give(session, {"DRUG", "SURGERY"}).reason(), "");
  clock_.Advance(absl::Minutes(1));
  // A later decision replaces the earlier one.
  ASSERT_EQ(Give(session, {"DRUG", "TREATMENT"}).reason(), "");
  const auto running = [&] {
    std::set<std::string> kinds;
    const Answer listed = List(session);
    for (const json& consent : listed.body["consents"]) {
      if (consent["standing"] == "CONSENT_STANDING_RUNNING") kinds.insert(consent["kind"]);
    }
    return kinds;
  };
  EXPECT_EQ(running(), (std::set<std::string>{"CONSENT_KIND_DRUG", "CONSENT_KIND_TREATMENT"}));
  clock_.Advance(absl::Minutes(1));
  const Answer withdrawn = Withdraw(session);
  EXPECT_EQ(withdrawn.body["withdrawn"].size(), 2u);
  EXPECT_TRUE(running().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_end WHERE reason = 2"), 1);
  // Nothing runs any more; asking again changes nothing.
  EXPECT_TRUE(Withdraw(session).body["withdrawn"].empty());
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_end"), 1);
}

TEST_F(ReceptionTest, WithdrawingEndsWhatWasGivenAtTheDeskToo) {
  const Session session = Open(MakeLink().token);
  ASSERT_TRUE(Use(Act(v1::DECISION_AGREED)).ok());
  ASSERT_EQ(Give(session, {"DRUG"}).reason(), "");
  const Answer withdrawn = Withdraw(session);
  std::set<std::string> forms;
  for (const json& consent : withdrawn.body["withdrawn"]) forms.insert(consent["formOfCare"]);
  EXPECT_EQ(forms, (std::set<std::string>{"FORM_OF_CARE_OUTPATIENT", "FORM_OF_CARE_HOME_VISIT"}));
}

TEST_F(ReceptionTest, ARepeatedRequestIsAnsweredAlikeAndAnotherUseOfTheChallengeIsRefused) {
  const Session session = Open(MakeLink().token);
  json request = Giving(session, {"DRUG"});
  const Answer first = Call("GiveConsents", request, session);
  clock_.Advance(absl::Seconds(5));
  const Answer again = Call("GiveConsents", request, session);
  ASSERT_EQ(again.reason(), "");
  EXPECT_EQ(again.body["consents"], first.body["consents"]);
  request["requestId"] = auth::RandomUuid();
  EXPECT_EQ(Call("GiveConsents", request, session).reason(), "CHALLENGE_REFUSED");
}

TEST_F(ReceptionTest, AChallengeServesItsSessionAndItsActAlone) {
  const MadeLink link = MakeLink();
  const Session session = Open(link.token);
  const Session other = Open(link.token);
  json stolen = Giving(session, {"DRUG"});
  EXPECT_EQ(Call("GiveConsents", stolen, other).reason(), "CHALLENGE_REFUSED");
  const json proof = Proof(session, "RECEPTION_ACT_LIST_CONSENTS");
  EXPECT_EQ(Call("WithdrawConsents", {{"card", proof}}, session).reason(), "CHALLENGE_REFUSED");
  json listed = Giving(session, {"DRUG"});
  listed["card"] = Proof(session, "RECEPTION_ACT_LIST_CONSENTS");
  EXPECT_EQ(Call("GiveConsents", listed, session).reason(), "CHALLENGE_REFUSED");
  const json used = Proof(session, "RECEPTION_ACT_LIST_CONSENTS");
  EXPECT_EQ(Call("ListOwnConsents", {{"card", used}}, session).reason(), "");
  EXPECT_EQ(Call("ListOwnConsents", {{"card", used}}, session).reason(), "CHALLENGE_REFUSED");
  // A desk's challenge is no patient's.
  v1::ConfirmByCardRequest desk = Act();
  json from_desk = Giving(session, {"DRUG"});
  from_desk["card"]["challengeId"] = auth::Base64Encode(desk.challenge_id());
  from_desk["card"]["signature"] = auth::Base64Encode(desk.signature());
  EXPECT_EQ(Call("GiveConsents", from_desk, session).reason(), "CHALLENGE_REFUSED");
  EXPECT_EQ(Acts(), 0);
}

TEST_F(ReceptionTest, AForgedWalletAnswerIsRefused) {
  const Session session = Open(MakeLink().token);
  const auth::PrivateKey& forged = auth::CardPki::Get().other_card_key;
  json request = Giving(session, {"DRUG"});
  request["card"] = Proof(session, "RECEPTION_ACT_GIVE_CONSENTS", &forged);
  EXPECT_EQ(Call("GiveConsents", request, session).reason(), "CARD_REFUSED");
  request["card"] = Proof(session, "RECEPTION_ACT_GIVE_CONSENTS");
  request["card"]["certificate"] = auth::Base64Encode("no certificate");
  EXPECT_EQ(Call("GiveConsents", request, session).reason(), "CARD_REFUSED");
  for (const char* act : {"LIST_CONSENTS", "WITHDRAW_CONSENTS"}) {
    const json proof = Proof(session, std::string("RECEPTION_ACT_") + act, &forged);
    const bool lists = std::string(act) == "LIST_CONSENTS";
    EXPECT_EQ(
        Call(lists ? "ListOwnConsents" : "WithdrawConsents", {{"card", proof}}, session).reason(),
        "CARD_REFUSED");
  }
  EXPECT_EQ(Acts(), 0);
  // Each is audited, with the exact reason that the caller is not told.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE actor_kind = 5 AND reason ="
                  " 'CARD_CHALLENGE_SIGNATURE'"),
            3);
}

TEST_F(ReceptionTest, AtHomeThePinIsTheOnlyVerification) {
  // On home visits staff may look at a desk's terminal; nobody does here.
  for (const Session& session :
       {Open(MakeLink(CivilDayAt(clock_.Now())).token), Open(MakeLink().token)}) {
    for (const char* way : {"FACE", "VISUAL", "PHONE"}) {
      json request = Giving(session, {"DRUG"});
      const std::string verification = std::string("HOLDER_VERIFICATION_") + way;
      request["card"]["holderVerification"] = verification;
      EXPECT_EQ(Call("GiveConsents", request, session).reason(), "HOLDER_VERIFICATION_NOT_ALLOWED");
      json proof = Proof(session, "RECEPTION_ACT_WITHDRAW_CONSENTS");
      proof["holderVerification"] = verification;
      EXPECT_EQ(Call("WithdrawConsents", {{"card", proof}}, session).reason(),
                "HOLDER_VERIFICATION_NOT_ALLOWED");
    }
  }
  EXPECT_EQ(Acts(), 0);
}

TEST_F(ReceptionTest, AnExpiredCardOpensNothingAndListsNothing) {
  const Session before = Open(MakeLink().token);
  ASSERT_EQ(Give(before, {"DRUG"}).reason(), "");
  certificate_ = [&] {
    auth::CertificateSpec card = auth::DefaultCertificate();
    card.serial = auth::SerialNumber(auth::kSerial);
    card.not_before = clock_.Now() - absl::Hours(24 * 400);
    card.not_after = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()) - 3600);
    return auth::Signed(card);
  }();
  const Session session = Open(MakeLink().token);
  const Answer in_grace = Give(session, {"DRUG"});
  EXPECT_EQ(in_grace.body["outcome"], "RECEPTION_OUTCOME_CARD_IN_GRACE");
  // What it declined counts, and the page is told.
  EXPECT_EQ(in_grace.body["consents"].size(), static_cast<size_t>(kConsentKinds) - 1);
  for (const json& one : in_grace.body["consents"]) EXPECT_EQ(one["decision"], "DECISION_DECLINED");
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.consent_act WHERE agreed <> 0"), 1);
  EXPECT_EQ(List(session).reason(), "CARD_ELIGIBILITY_ONLY");
  // Withdrawing only closes: a card in its grace is good enough for it.
  const std::string open =
      "SELECT count(*) FROM kakunin.consent_act a WHERE agreed <> 0 AND NOT EXISTS (SELECT FROM"
      " kakunin.consent_end e WHERE e.person_id = a.person_id AND e.at >= a.begin_at)";
  EXPECT_EQ(Count(open), 1);
  EXPECT_EQ(Withdraw(session).reason(), "");
  EXPECT_EQ(Count(open), 0);
}

TEST_F(ReceptionTest, ACardOfNobodyIsToldSoAndGivesNothing) {
  certificate_ = CertificateOf(auth::kSerial + 7);
  const Session session = Open(MakeLink().token);
  EXPECT_EQ(Give(session, {"DRUG"}).body["outcome"], "RECEPTION_OUTCOME_NOT_REGISTERED");
  for (const Answer& answer : {List(session), Withdraw(session)}) {
    EXPECT_EQ(answer.reason(), "");
    EXPECT_EQ(answer.body["registered"], false) << "not: nothing was consented";
  }
  EXPECT_EQ(Acts(), 0);
}

TEST_F(ReceptionTest, SaysWhatIsWrongWithARequest) {
  const Session session = Open(MakeLink().token);
  const json good = Giving(session, {"DRUG"});
  const auto reason = [&](const char* pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    return Call("GiveConsents", changed, session).reason();
  };
  EXPECT_EQ(reason("/decisions", json::array()), "INVALID_FIELDS");
  EXPECT_EQ(reason("/decisions/0", good["decisions"][1]), "INVALID_FIELDS");
  EXPECT_EQ(reason("/requestId", ""), "INVALID_FIELDS");
  EXPECT_EQ(reason("/card/signature", ""), "INVALID_FIELDS");
  EXPECT_EQ(reason("/card/challengeId", "AAAA"), "INVALID_FIELDS");
  EXPECT_EQ(reason("/unknown", 1), "INVALID_FIELDS");
  EXPECT_EQ(Call("BeginReceptionAct", {{"act", "SOMETHING"}}, session).reason(), "INVALID_FIELDS");
  EXPECT_EQ(Call("BeginReceptionAct", json::array(), session).reason(), "INVALID_FIELDS");
  EXPECT_EQ(Acts(), 0);
}

}  // namespace
}  // namespace kakunin
