#pragma once

#include <string>

#include "domain/error.h"
#include "storage/postgres/card_link_store.h"
#include "tests/rpc/eligibility_fixture.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {

inline const auth::Authority& CardIssuer() { return auth::CardPki::Get().generations[2]; }

inline std::string CardIssuerKeyId() {
  const auth::Sha256Digest id = auth::Sha256(CardIssuer().key.PublicKeyDer());
  return {id.begin(), id.end()};
}

inline std::string SerialOctets(uint64_t serial) {
  const auth::SerialNumber number(serial);
  return {number.bytes().begin(), number.bytes().end()};
}

// FreshTrust is the test's roots and an empty CRL of now.
inline CardTrust FreshTrust() {
  const absl::Time now = absl::Now();
  return {.trust = auth::CardPki::Get().store,
          .revocations = std::make_shared<const auth::RevocationSnapshot>(
              auth::SnapshotOf({auth::IssueCrl(auth::DefaultCrl(now), CardIssuer())}))};
}

// CardConfirmationTest is a card act from the challenge to the tables: real certificate, signature,
// CRL, link and TLS.
class CardConfirmationTest : public EligibilityServiceTest {
 protected:
  CardConfirmationTest() : EligibilityServiceTest(FreshTrust()) {
    certificate_ = CertificateOf(auth::kSerial);
  }

  std::string CertificateOf(uint64_t serial) const {
    auth::CertificateSpec card = auth::DefaultCertificate();
    card.serial = auth::SerialNumber(serial);
    card.not_before = clock_.Now() - absl::Hours(24);
    card.not_after = not_after_;
    return auth::Signed(card);
  }

  // Makes the person that Insure made the holder of the card.
  void Link(uint8_t person) {
    CardLinkRow link{.issuer_key_id = CardIssuerKeyId(),
                     .serial = SerialOctets(auth::kSerial),
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

  // Begins an act and signs what the server gave.
  v1::ConfirmByCardRequest Act(v1::Decision decision = v1::DECISION_NOT_ASKED,
                               v1::FormOfCare form = v1::FORM_OF_CARE_OUTPATIENT,
                               std::optional<absl::CivilDay> booking = {}) {
    const bool at_desk = form == v1::FORM_OF_CARE_OUTPATIENT;
    v1::BeginCardAuthenticationRequest begin;
    begin.set_purpose(v1::CARD_PURPOSE_CONFIRM);
    begin.set_form_of_care(form);
    v1::BeginCardAuthenticationResponse begun;
    grpc::ClientContext context;
    const grpc::Status status = StubOf()->BeginCardAuthentication(&context, begin, &begun);
    EXPECT_TRUE(status.ok()) << status.error_message();
    v1::ConfirmByCardRequest request;
    request.set_challenge_id(begun.challenge_id());
    request.set_certificate(certificate_);
    request.set_signature(auth::CardPki::Get().card_key.Sign(begun.to_be_signed()));
    request.set_holder_verification(at_desk ? v1::HOLDER_VERIFICATION_FACE
                                            : v1::HOLDER_VERIFICATION_PIN);
    *request.mutable_day() = DayToProto(CivilDayAt(clock_.Now()));
    request.set_form_of_care(form);
    if (booking) *request.mutable_appointment_date() = DayToProto(*booking);
    request.set_prescription_form(v1::PRESCRIPTION_FORM_ELECTRONIC);
    for (int kind = 1; kind <= kConsentKinds; ++kind) {
      auto* given = request.add_decisions();
      given->set_kind(static_cast<v1::ConsentKind>(kind));
      given->set_decision(decision);
    }
    return request;
  }

  grpc::Status Use(const v1::ConfirmByCardRequest& request) {
    response_.Clear();
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    return StubOf()->ConfirmByCard(&context, request, &response_);
  }

  // The consulting room's terminal becomes one of the restricted type, for every server.
  void RestrictViewingTerminal() {
    const absl::Status status =
        database_.Open("kakunin_operator")->Write(Soon(), [&](Transaction& tx) -> absl::Status {
          PostgresRegistryStore store;
          ASSIGN_OR_RETURN(auto row, store.FindTerminal(tx, kTestFacility, "viewing-1"));
          row->kind = TerminalKind::kRestricted;
          return store.PutTerminal(tx, *row);
        });
    ASSERT_TRUE(status.ok()) << status;
    const int64_t now = Count("SELECT generation FROM kakunin.registry_generation");
    while (port_->registry().Current()->generation() < now) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  const absl::Time not_after_ =
      absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(24 * 400)));
  std::string certificate_;
  v1::ConfirmByCardResponse response_;
};

}  // namespace kakunin
