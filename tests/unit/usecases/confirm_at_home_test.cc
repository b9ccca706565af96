// Answers without the card, at home: they rest on what the patient began by it.
#include "domain/error.h"
#include "tests/unit/usecases/confirm_eligibility_fixture.h"

namespace kakunin {
namespace {

class ConfirmAtHomeTest : public ConfirmEligibilityTest {
 protected:
  ConfirmAtHomeTest() {
    Insure(1, 1);
    ListRevoked({});
  }

  static constexpr uint64_t kSerial = 7;

  // What is known of cards from now on: a list of this instant. Those of `superseded` are listed,
  // too.
  void ListRevoked(std::vector<uint64_t> serials, std::vector<uint64_t> superseded = {}) {
    auto crl = std::make_shared<auth::CrlPartition>();
    crl->issuer.fill(9);
    crl->this_update = absl::ToUnixSeconds(kNow);
    crl->next_update = absl::ToUnixSeconds(kNow + absl::Hours(24));
    crl->serials = std::move(serials);
    crl->superseded.serials = std::move(superseded);
    auto snapshot = std::make_shared<auth::RevocationSnapshot>();
    snapshot->Put(std::move(crl));
    cards_.revocations = std::move(snapshot);
  }

  Inquiry AtHome(uint8_t key, FormOfCare form = FormOfCare::kHomeVisit,
                 std::optional<absl::CivilDay> booking = {}) const {
    Inquiry inquiry = ByNumber(key);
    inquiry.form_of_care = form;
    inquiry.appointment_day = booking;
    return inquiry;
  }
  Inquiry Listed(uint8_t person) const {
    Inquiry inquiry = AtHome(1);
    inquiry.question = PersonQuestion{IdOf<PersonId>(person)};
    return inquiry;
  }
  // A card act of the person at the facility, an hour ago.
  ConsentAct& Act(uint8_t person, FormOfCare form = FormOfCare::kHomeVisit,
                  std::optional<absl::CivilDay> booking = {}) {
    ConsentAct& act = Relations(person).acts.emplace_back();
    act.person = IdOf<PersonId>(person);
    act.facility_code = terminal_.facility_code;
    act.form_of_care = form;
    act.appointment_day = booking;
    act.decisions.Set(ConsentKind::kLimitCertificate, Decision::kAgreed);
    act.begin = kNow - absl::Hours(1);
    act.end = ConsentWindowFor(form, act.begin, booking)->end;
    act.issuer_key_id = std::string(32, 9);
    act.serial = std::string(1, static_cast<char>(kSerial));
    act.crl_partition = auth::PartitionIdOf("");
    act.certificate_not_after = kNow + absl::Hours(24 * 400);
    return act;
  }
  void End(uint8_t person) {
    ConsentEnd& end = Relations(person).ends.emplace_back();
    end.person = IdOf<PersonId>(person);
    end.facility_code = terminal_.facility_code;
    end.form_of_care = FormOfCare::kHomeVisit;
    end.at = kNow;
    ++Relations(person).stored_ends;
  }
  RelationRows& Relations(uint8_t person) { return store_.relations[IdOf<PersonId>(person)]; }
};

TEST_F(ConfirmAtHomeTest, TheDeskAsksForNoRelation) {
  EXPECT_EQ(Confirm({ByNumber(1)})[0].validity, Validity::kValid);
  EXPECT_EQ(store_.relations_read, 0);
  EXPECT_EQ(store_.confirmations[0].held_ends, std::nullopt);
}

TEST_F(ConfirmAtHomeTest, AnswersWithinTheRelationAndHoldsIt) {
  Act(1);
  Relations(1).stored_ends = 7;  // elsewhere
  const Confirmed confirmed = Confirm({AtHome(1)})[0];
  EXPECT_TRUE(confirmed.status.ok());
  EXPECT_EQ(confirmed.validity, Validity::kValid);
  EXPECT_EQ(store_.confirmations[0].held_ends, 7);
  EXPECT_EQ(guard_.found, 1);
}

TEST_F(ConfirmAtHomeTest, AStrangerAndNobodyAndSeveralReadAlike) {
  Insure(2, 2);
  Insure(2, 3);
  for (const uint8_t key : {uint8_t{1}, uint8_t{2}, uint8_t{9}}) {
    const Confirmed confirmed = Confirm({AtHome(key)})[0];
    EXPECT_EQ(ReasonOf(confirmed.status), Reason::kNoConsent);
    EXPECT_TRUE(confirmed.patient_handle.empty());
    EXPECT_TRUE(confirmed.coverages.empty());
  }
  EXPECT_EQ(guard_.misses, 3);
  EXPECT_EQ(guard_.found, 0);
  EXPECT_TRUE(store_.confirmations.empty());
  ASSERT_EQ(store_.audit.size(), 3u);
  for (const AuditRecord& row : store_.audit) EXPECT_EQ(row.reason, "NO_CONSENT");
  EXPECT_TRUE(store_.audit[0].person);  // the audit alone knows whom
}

TEST_F(ConfirmAtHomeTest, ABookingCarriesItsOwnDayAlone) {
  Act(1, FormOfCare::kOnlineCare, kToday + 3);
  EXPECT_TRUE(Confirm({AtHome(1, FormOfCare::kOnlineCare, kToday + 3)})[0].status.ok());
  EXPECT_EQ(ReasonOf(Confirm({AtHome(1, FormOfCare::kOnlineCare, kToday + 4)})[0].status),
            Reason::kNoConsent);
  const auto over = Confirm({AtHome(1, FormOfCare::kOnlineCare, kToday + 3)}, EndOfDay(kToday + 3));
  EXPECT_EQ(ReasonOf(over[0].status), Reason::kConsentExpired);
}

TEST_F(ConfirmAtHomeTest, InBulkAnyBookingThatLastsToTheDayCarriesIt) {
  Act(1, FormOfCare::kOnlineCare, kToday + 3);
  Inquiry row = AtHome(1, FormOfCare::kOnlineCare);
  std::get<KeyQuestion>(row.question).in_bulk = true;
  std::get<KeyQuestion>(row.question).limit_certificate = Decision::kAgreed;
  row.day = kToday + 3;
  const Confirmed confirmed = Confirm({row})[0];
  ASSERT_TRUE(confirmed.status.ok());
  ASSERT_TRUE(confirmed.consent);  // said for that booking, and over with it
  EXPECT_EQ(confirmed.consent->appointment_day, kToday + 3);
  row.day = kToday + 4;
  EXPECT_EQ(ReasonOf(Confirm({row})[0].status), Reason::kConsentExpired);
}

TEST_F(ConfirmAtHomeTest, ARevocationThatCrossesTheAnswerWins) {
  Act(1);
  store_.before_write = [this] { End(1); };
  const Confirmed confirmed = Confirm({AtHome(1), ByNumber(1)})[0];
  EXPECT_EQ(ReasonOf(confirmed.status), Reason::kConsentRevoked);
  EXPECT_TRUE(confirmed.coverages.empty());
  ASSERT_EQ(store_.audit.size(), 2u);
  // The desk's part is written first: it waits for nobody who changes a patient.
  EXPECT_EQ(store_.audit[0].reason, "");
  EXPECT_EQ(store_.audit[1].reason, "CONSENT_REVOKED");
  EXPECT_EQ(store_.audit[1].validity, 0);
  EXPECT_EQ(store_.audit[1].answer_digest, PersonPseudonym{});
  EXPECT_EQ(store_.confirmations.size(), 1u);  // the desk's
  ExpectChained();
}

// It may be a repair's: the person read before it may be another by now.
TEST_F(ConfirmAtHomeTest, AnEndOfSomethingElseThatCrossesTheAnswerIsAskedAgain) {
  Act(1);
  store_.before_write = [this] { ++Relations(1).stored_ends; };
  EXPECT_EQ(ReasonOf(Confirm({AtHome(1)})[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(store_.confirmations.empty());
}

TEST_F(ConfirmAtHomeTest, WhatShowsLessByNowIsAskedAgain) {
  Act(1);
  store_.before_write = [this] {
    Act(1).begin = kNow;
    Relations(1).acts.back().decisions.Set(ConsentKind::kLimitCertificate, Decision::kDeclined);
    ++Relations(1).stored_ends;
  };
  EXPECT_EQ(ReasonOf(Confirm({AtHome(1)})[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(store_.confirmations.empty());
}

TEST_F(ConfirmAtHomeTest, APatientOfTheListIsAnsweredAsByCardWithWhatIsOpen) {
  const AnswerPiece limit{.kind = PieceKind::kLimitCertificate,
                          .valid_from = absl::CivilDay(2026, 4, 1),
                          .octets = "+limit"};
  Insure(5, 5, {limit});
  store_.by_person[IdOf<PersonId>(5)] = store_.by_key[IdOf<KeyHash>(5)][0];
  Act(5);
  const Confirmed shown = Confirm({Listed(5)})[0];
  ASSERT_TRUE(shown.status.ok());
  EXPECT_EQ(shown.coverages, std::vector<std::string>{"base+limit"});
  EXPECT_FALSE(shown.consent);  // nothing was said today
  EXPECT_FALSE(shown.patient_handle.empty());
  EXPECT_EQ(store_.audit[0].operation, static_cast<int>(Operation::kConfirmConsented));
  EXPECT_TRUE(store_.confirmations[0].view.limit_certificate);
  EXPECT_EQ(store_.confirmations[0].view.key, std::nullopt);

  store_.in_cases.insert(IdOf<PersonId>(5));
  EXPECT_EQ(Confirm({Listed(5)})[0].coverages, std::vector<std::string>{"base"});
  EXPECT_EQ(guard_.found, 0);
}

class CertificatesAtHomeTest : public ConfirmAtHomeTest {
 protected:
  CertificatesAtHomeTest() {
    Insure(5, 5,
           {{.kind = PieceKind::kLimitCertificate,
             .valid_from = absl::CivilDay(2026, 4, 1),
             .octets = "+limit"},
            {.kind = PieceKind::kSpecificDiseaseCertificate,
             .valid_from = absl::CivilDay(2026, 4, 1),
             .octets = "+disease"}});
    store_.by_person[IdOf<PersonId>(5)] = store_.by_key[IdOf<KeyHash>(5)][0];
    Act(5).decisions.Set(ConsentKind::kSpecificDiseaseCertificate, Decision::kAgreed);
  }

  // What three ways of asking show of the patient's coverage: the list, by number at home, in bulk.
  std::vector<std::string> Shown() {
    Inquiry bulk = AtHome(5);
    std::get<KeyQuestion>(bulk.question).in_bulk = true;
    std::vector<std::string> shown;
    const size_t before = store_.confirmations.size();
    for (const Confirmed& one : Confirm({Listed(5), AtHome(5), bulk})) {
      EXPECT_TRUE(one.status.ok()) << one.status;
      EXPECT_EQ(one.validity, Validity::kValid);
      EXPECT_EQ(one.coverages.size(), 1u);
      for (const std::string& coverage : one.coverages) shown.push_back(coverage);
    }
    for (size_t i = before; i < store_.confirmations.size(); ++i) {
      const AskedView& view = store_.confirmations[i].view;
      const std::string& octets = shown[i - before];
      EXPECT_EQ(view.limit_certificate, octets.find("+limit") != std::string::npos);
      EXPECT_EQ(view.specific_disease, octets.find("+disease") != std::string::npos);
    }
    return shown;
  }
  static std::vector<std::string> Everywhere(const std::string& octets) {
    return {octets, octets, octets};
  }
};

TEST_F(CertificatesAtHomeTest, AreShownByAGoodCardsConsent) {
  EXPECT_EQ(Shown(), Everywhere("base+disease+limit"));
}

TEST_F(CertificatesAtHomeTest, AreShownNoMoreOnceTheCardIsRevokedButEligibilityIs) {
  ListRevoked({kSerial});
  EXPECT_EQ(Shown(), Everywhere("base"));
  ListRevoked({});  // it was on hold and is no more
  EXPECT_EQ(Shown(), Everywhere("base+disease+limit"));
}

TEST_F(CertificatesAtHomeTest, AreShownByACardThatWasOnlySuperseded) {
  ListRevoked({kSerial}, {kSerial});
  EXPECT_EQ(Shown(), Everywhere("base+disease+limit"));
  rules_.consents.lapse_ignored_to = kNow;
  EXPECT_EQ(Shown(), Everywhere("base"));
}

TEST_F(CertificatesAtHomeTest, AreNotShownWhileNobodyCanTellWhatBecameOfTheCard) {
  cards_.revocations = nullptr;
  EXPECT_EQ(Shown(), Everywhere("base"));
  ListRevoked({});
  Relations(5).acts[0].crl_partition.reset();  // stored before it was kept
  EXPECT_EQ(Shown(), Everywhere("base"));
}

TEST_F(CertificatesAtHomeTest, ThatAreKeptBackForNowAreToldSoWhetherThereAreAnyOrNot) {
  Inquiry bulk = AtHome(5);
  std::get<KeyQuestion>(bulk.question).in_bulk = true;
  const std::vector<Warning> told{Warning::kConsentNotChecked};
  const auto warned = [&](const std::vector<Warning>& expected) {
    for (const Confirmed& one : Confirm({Listed(5), AtHome(5), bulk})) {
      EXPECT_TRUE(one.status.ok()) << one.status;
      EXPECT_EQ(one.validity, Validity::kValid);
      EXPECT_EQ(one.warnings, expected);
    }
  };
  warned({});
  cards_.revocations = nullptr;
  warned(told);
  // Who has none reads alike.
  Insure(5, 6);
  store_.by_key[IdOf<KeyHash>(5)].erase(store_.by_key[IdOf<KeyHash>(5)].begin());
  store_.by_person[IdOf<PersonId>(6)] = store_.by_key[IdOf<KeyHash>(5)][0];
  Act(6);
  const auto others = Confirm({Listed(6), AtHome(5)});
  EXPECT_EQ(others[0].warnings, told);
  EXPECT_EQ(others[1].warnings, told);
  // Of what no certificate hangs on nothing is said.
  Relations(6).acts[0].decisions = {};
  Relations(6).acts[0].decisions.Set(ConsentKind::kDrug, Decision::kAgreed);
  EXPECT_TRUE(Confirm({AtHome(5)})[0].warnings.empty());
}

TEST_F(CertificatesAtHomeTest, OfWhoIsInACaseNothingIsSaidOfTheCard) {
  cards_.revocations = nullptr;
  store_.in_cases.insert(IdOf<PersonId>(5));
  EXPECT_EQ(Confirm({Listed(5)})[0].warnings, std::vector<Warning>{Warning::kIdentityInQuestion});
}

TEST_F(CertificatesAtHomeTest, AnAgreementOfTodayNeedsNoList) {
  cards_.revocations = nullptr;
  Relations(5).acts[0].decisions.Set(ConsentKind::kSpecificDiseaseCertificate, Decision::kDeclined);
  Inquiry inquiry = AtHome(5);
  std::get<KeyQuestion>(inquiry.question).limit_certificate = Decision::kAgreed;
  const Confirmed shown = Confirm({inquiry})[0];
  EXPECT_EQ(shown.coverages, std::vector<std::string>{"base+limit"});
  EXPECT_TRUE(shown.warnings.empty());
}

TEST_F(CertificatesAtHomeTest, OfARevokedCardNothingIsToAskAgain) {
  ListRevoked({kSerial});
  EXPECT_TRUE(Confirm({AtHome(5)})[0].warnings.empty());
}

TEST_F(CertificatesAtHomeTest, OfAnotherActsCardAreNotTakenAlong) {
  // Since then the other card agreed to drugs and left the certificates as they were.
  ConsentAct& next = Act(5);
  next.begin += absl::Minutes(1);
  next.serial = std::string(1, static_cast<char>(kSerial + 1));
  next.decisions = {};
  next.decisions.Set(ConsentKind::kDrug, Decision::kAgreed);
  ListRevoked({kSerial});
  EXPECT_EQ(Shown(), Everywhere("base"));
  const Confirmed listed = Confirm({Listed(5)})[0];
  ASSERT_TRUE(listed.relation);
  EXPECT_TRUE(listed.relation->open.Agreed(ConsentKind::kDrug));
}

TEST_F(ConfirmAtHomeTest, APatientOfTheListWhoseConsentEndedIsToldWithoutData) {
  Act(1);
  End(1);
  const Confirmed confirmed = Confirm({Listed(1)})[0];
  EXPECT_EQ(ReasonOf(confirmed.status), Reason::kConsentRevoked);
  EXPECT_TRUE(confirmed.coverages.empty());
  ASSERT_TRUE(confirmed.relation);
  EXPECT_EQ(confirmed.relation->standing, ConsentStanding::kRevokedByFacility);
}

TEST_F(ConfirmAtHomeTest, WithoutTheDatabaseNobodyIsToldAnything) {
  Act(1);
  store_.next_reads = {StoreFailure::kTimedOut, StoreFailure::kTimedOut};
  EXPECT_EQ(ReasonOf(Confirm({AtHome(1)})[0].status), Reason::kDatabaseUnavailable);
  EXPECT_TRUE(store_.confirmations.empty());
}

}  // namespace
}  // namespace kakunin
