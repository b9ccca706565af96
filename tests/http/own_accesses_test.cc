// Who has looked at a patient's records, as the patient at home is told.
#include <set>
#include <string>

#include "tests/http/reception_fixture.h"
#include "tests/support/identity_case.h"
#include "tests/support/protected_person.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr char kElsewhere[] = "1399999999";

class OwnAccessesTest : public ReceptionTest {
 protected:
  OwnAccessesTest() {
    database_.Exec("INSERT INTO kakunin.facility VALUES ('" + std::string(kElsewhere) +
                   "', 2, '別の診療所', true, 99)");
    person_ = database_.Exec("SELECT person_id FROM kakunin.card_link")[0][0].c_str();
    session_ = Open(MakeLink().token);
  }
  // Another facility asked for drugs some time ago; `reason` "": it was shown them.
  void Looked(absl::Duration ago, const std::string& reason, int number = 1) {
    database_.Exec(
        "INSERT INTO kakunin.record_access (stream, person_id, at, number, facility_code,"
        " facility_user, operation, reason) VALUES (gen_random_uuid(), '" +
        person_ + "', '" + absl::FormatTime(clock_.Now() - ago) + "', " + std::to_string(number) +
        ", '" + kElsewhere + "', 'dr-secret', 50, '" + reason + "')");
  }
  Answer Accesses() {
    return Call("ListOwnAccesses", {{"card", Proof(session_, "RECEPTION_ACT_LIST_ACCESSES")}},
                session_);
  }

  std::string person_;
  Session session_;
};

TEST_F(OwnAccessesTest, EveryFacilityThatLookedOrTriedIsNamedNewestFirst) {
  Looked(absl::Hours(2), "");
  Looked(absl::Hours(1), "NO_CONSENT");
  ASSERT_EQ(Give(session_, {"DRUG"}).reason(), "");
  const Answer answer = Accesses();
  ASSERT_EQ(answer.reason(), "");
  EXPECT_EQ(answer.body["registered"], true);
  EXPECT_EQ(answer.body["more"], false);
  const json& accesses = answer.body["accesses"];
  ASSERT_EQ(accesses.size(), 3u);
  EXPECT_EQ(accesses[0]["operation"], "ACCESS_OPERATION_CONFIRM_BY_CARD");
  EXPECT_EQ(accesses[0]["shown"], true);
  EXPECT_EQ(accesses[0]["ownAct"], true);
  EXPECT_EQ(accesses[1]["ownAct"], false);
  EXPECT_EQ(accesses[1]["facilityName"], "別の診療所");
  EXPECT_EQ(accesses[1]["operation"], "ACCESS_OPERATION_GET_DRUG_HISTORY");
  EXPECT_EQ(accesses[1]["shown"], false);
  EXPECT_EQ(accesses[2]["shown"], true);
  std::set<std::string> keys;
  for (const auto& [key, value] : accesses[1].items()) keys.insert(key);
  EXPECT_EQ(keys, (std::set<std::string>{"time", "facilityName", "operation", "shown", "kindsShown",
                                         "ownAct", "situation", "rehearsal"}));
  EXPECT_EQ(answer.body.dump().find("dr-secret"), std::string::npos);
  // The look itself is the patient's own, and audited as one.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation = 71 AND code = 0"
                  " AND actor_kind = 5 AND actor LIKE '%/@web' AND person IS NOT NULL"),
            1);
  EXPECT_EQ(Accesses().body["accesses"].size(), 3u);
}

TEST_F(OwnAccessesTest, AProtectedPersonsFacilitiesAreNotNamed) {
  Looked(absl::Hours(2), "");
  ProtectPerson(database_, person_, /*hide_address=*/true, /*hide_facility_names=*/false);
  EXPECT_EQ(Accesses().body["accesses"][0]["facilityName"], "別の診療所");
  ProtectPerson(database_, person_, false, true);
  const Answer answer = Accesses();
  ASSERT_EQ(answer.reason(), "");
  EXPECT_EQ(answer.body["facilityNamesHidden"], true);
  ASSERT_EQ(answer.body["accesses"].size(), 1u);
  EXPECT_EQ(answer.body["accesses"][0]["facilityName"], "");
  for (const char* name : {"別の診療所", kElsewhere}) {
    EXPECT_EQ(answer.body.dump().find(name), std::string::npos) << name;
  }
}

TEST_F(OwnAccessesTest, NobodyWhomAnOpenCaseConcernsIsShownAnything) {
  Looked(absl::Hours(2), "");
  OpenCaseAboutEverybody(database_);
  EXPECT_EQ(Accesses().reason(), "IDENTITY_IN_QUESTION");
  EndCases(database_);
  EXPECT_EQ(Accesses().body["accesses"].size(), 1u);
}

TEST_F(OwnAccessesTest, ACardOfNobodyIsToldThatNothingCanBeKnown) {
  certificate_ = CertificateOf(auth::kSerial + 7);
  const Answer answer = Accesses();
  ASSERT_EQ(answer.reason(), "");
  EXPECT_EQ(answer.body["registered"], false);
  EXPECT_TRUE(answer.body["accesses"].empty());
}

TEST_F(OwnAccessesTest, ASignatureForAnotherActServesNotThisOneAndTheOtherWayRound) {
  const json for_consents = {{"card", Proof(session_, "RECEPTION_ACT_LIST_CONSENTS")}};
  EXPECT_EQ(Call("ListOwnAccesses", for_consents, session_).reason(), "CHALLENGE_REFUSED");
  const json for_accesses = {{"card", Proof(session_, "RECEPTION_ACT_LIST_ACCESSES")}};
  EXPECT_EQ(Call("ListOwnConsents", for_accesses, session_).reason(), "CHALLENGE_REFUSED");
}

TEST_F(OwnAccessesTest, ShowsTheLast366DaysAndTheNewest200) {
  const absl::Duration today = clock_.Now() - StartOfDay(CivilDayAt(clock_.Now()));
  Looked(absl::Hours(24 * 366) + today + absl::Microseconds(1), "");
  EXPECT_TRUE(Accesses().body["accesses"].empty());
  Looked(absl::Hours(24 * 366) + today, "");
  EXPECT_EQ(Accesses().body["accesses"].size(), 1u);
  for (int i = 1; i <= 199; ++i) Looked(absl::Minutes(i), "", i);
  Answer answer = Accesses();
  EXPECT_EQ(answer.body["accesses"].size(), 200u);
  EXPECT_EQ(answer.body["more"], false);
  Looked(absl::Minutes(200), "", 200);
  answer = Accesses();
  EXPECT_EQ(answer.body["accesses"].size(), 200u);
  EXPECT_EQ(answer.body["more"], true);
}

}  // namespace
}  // namespace kakunin
