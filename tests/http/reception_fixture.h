#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "auth/encoding.h"
#include "auth/issuance.h"
#include "auth/uuid.h"
#include "domain/civil_day.h"
#include "server/http/reception_api.h"
#include "server/http/web_server.h"
#include "server/usecases/reception_links.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "tests/rpc/card_confirmation_fixture.h"

namespace kakunin {

inline constexpr char kPublicUrl[] = "https://uketsuke.example.jp";

// ReceptionTest is the patients' door as it is served, HTTPS to PostgreSQL, beside the terminals'
// port of the same installation. Person 1 is insured and holds the test's card.
class ReceptionTest : public CardConfirmationTest {
 protected:
  explicit ReceptionTest(bool sandbox = false, const WebLimits& limits = {},
                         const WebConnectionLimits& connections = {}) {
    Insure(1, "5678910", "01");
    Link(1);
    pool_ = database_.Open("kakunin_terminal");
    lane_ = std::make_unique<ReceptionLane>(
        ReceptionLane::Backend{.guard = guard_,
                               .rules = rules_,
                               .record_rules = record_rules_,
                               .audit_key = audit_key_,
                               .handle_key = handle_key_,
                               .cards =
                                   [this] {
                                     return CardTrust{auth::CardPki::Get().store, Revocations()};
                                   }},
        database_.ConnInfo("kakunin_terminal"), "");
    api_ = std::make_unique<ReceptionApi>(ReceptionApi::Backend{.database = *pool_,
                                                                .links = links_,
                                                                .apps = apps_,
                                                                .lane = *lane_,
                                                                .clock = clock_,
                                                                .look_up_key = look_up_key_,
                                                                .audit_key = audit_key_,
                                                                .calls = observer_,
                                                                .public_url = kPublicUrl},
                                          limits);
    if (sandbox) wallet_ = std::make_unique<SandboxWallet>(folder_.path() / "cards");
    server_ = std::make_unique<WebServer>(*api_, wallet_.get(), connections);
    const absl::Status status = server_->Start(WriteTls());
    EXPECT_TRUE(status.ok()) << status;
    client_ = std::make_unique<httplib::SSLClient>("localhost", server_->port());
    client_->set_ca_cert_path((folder_.path() / "ca.pem").c_str());
    client_->enable_server_certificate_verification(true);
    client_->set_keep_alive(true);
  }
  ~ReceptionTest() override { server_->Stop(); }

  // WriteTls puts a certificate of an authority of its own there; again, it replaces them all.
  WebConfig WriteTls(absl::Duration life = absl::Hours(24)) {
    const absl::Time now = absl::Now();
    std::filesystem::remove(folder_.path() / "web.key");
    const auth::Authority ca =
        auth::MakeAuthority(auth::JpkiSigningName(), auth::PrivateKey::GenerateP256(),
                            now - absl::Hours(1), now + life);
    const auth::PrivateKey key = auth::PrivateKey::GenerateP256();
    std::ofstream(folder_.path() / "ca.pem") << auth::CertificatePem(ca.certificate_der);
    std::ofstream(folder_.path() / "web.pem") << auth::CertificatePem(
        auth::IssueServer(ca, key, {"localhost"}, {"127.0.0.1"}, auth::RandomSerial(),
                          now - absl::Hours(1), now + life));
    EXPECT_TRUE(key.Save(folder_.path() / "web.key").ok());
    return {.address = "127.0.0.1:0",
            .certificate = folder_.path() / "web.pem",
            .key = folder_.path() / "web.key",
            .public_url = kPublicUrl};
  }

  // Makes a link of the test facility, for home visits or a booking.
  MadeLink MakeLink(std::optional<absl::CivilDay> day = {}) {
    ReceptionLinks links(*pool_, links_, look_up_key_);
    const LinkToMake wanted{.form_of_care = day ? FormOfCare::kOnlineCare : FormOfCare::kHomeVisit,
                            .appointment_day = day};
    const auto made = links.Create(CallOf(Operation::kCreateReceptionLink), wanted, Soon());
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }
  MadeLink Renew(const LinkId& id) {
    ReceptionLinks links(*pool_, links_, look_up_key_);
    const auto made = links.Renew(CallOf(Operation::kRenewReceptionLink), id, Soon());
    EXPECT_TRUE(made.ok()) << made.status();
    return *made;
  }
  TerminalCall CallOf(Operation operation) const {
    return {.record = {.at = clock_.Now(),
                       .operation = static_cast<int>(operation),
                       .actor = "test",
                       .key_id = audit_key_.key_id()},
            .facility_code = kTestFacility};
  }

  // Session is what one browser holds.
  struct Session {
    std::string cookie;
    std::string csrf;
  };

  // Answer is one answer of the API.
  struct Answer {
    int status = 0;
    nlohmann::json body;
    std::string cookie;
    // "" for an answer that is no refusal.
    std::string reason() const { return status == 200 ? "" : body.value("message", "?"); }
  };

  Answer Call(const std::string& method, const nlohmann::json& message, const Session& session = {},
              const httplib::Headers& more = {}) {
    httplib::Headers headers = more;
    if (!more.contains("Origin")) headers.emplace("Origin", kPublicUrl);
    if (!session.cookie.empty()) headers.emplace("Cookie", "__Host-kakunin=" + session.cookie);
    if (!session.csrf.empty()) headers.emplace("Kakunin-Csrf", session.csrf);
    const auto result = client_->Post("/kakunin.v1.ReceptionService/" + method, headers,
                                      message.dump(), "application/json");
    if (!result) {
      ADD_FAILURE() << method << ": " << httplib::to_string(result.error());
      return {};
    }
    Answer answer{.status = result->status,
                  .body = nlohmann::json::parse(result->body, nullptr, false)};
    const std::string cookie = result->get_header_value("Set-Cookie");
    const size_t begin = cookie.find('=') + 1;
    if (!cookie.empty()) answer.cookie = cookie.substr(begin, cookie.find(';') - begin);
    return answer;
  }

  Session Open(const std::string& token) {
    const Answer answer = Call("OpenReception", {{"token", token}});
    EXPECT_EQ(answer.reason(), "");
    return {answer.cookie, answer.body.value("csrfToken", "")};
  }

  // Proof begins an act and signs what the server gave, by the test's card unless told otherwise.
  nlohmann::json Proof(const Session& session, const std::string& act,
                       const auth::PrivateKey* key = nullptr) {
    const Answer begun = Call("BeginReceptionAct", {{"act", act}}, session);
    EXPECT_EQ(begun.reason(), "");
    const auto signed_octets = auth::Base64Decode(begun.body.value("toBeSigned", ""));
    const auth::PrivateKey& signer = key == nullptr ? auth::CardPki::Get().card_key : *key;
    return {{"challengeId", begun.body.value("challengeId", "")},
            {"certificate", auth::Base64Encode(certificate_)},
            {"signature", auth::Base64Encode(signer.Sign(signed_octets.value_or("")))},
            {"holderVerification", "HOLDER_VERIFICATION_PIN"}};
  }

  // Agreeing to the kinds of `agreed`, declining the others.
  static nlohmann::json Decisions(const std::set<std::string>& agreed) {
    nlohmann::json decisions = nlohmann::json::array();
    for (const char* kind : {"DRUG", "TREATMENT", "SURGERY", "HEALTH_CHECK", "LIMIT_CERTIFICATE",
                             "SPECIFIC_DISEASE_CERTIFICATE"}) {
      decisions.push_back(
          {{"kind", std::string("CONSENT_KIND_") + kind},
           {"decision", agreed.contains(kind) ? "DECISION_AGREED" : "DECISION_DECLINED"}});
    }
    return decisions;
  }
  nlohmann::json Giving(const Session& session, const std::set<std::string>& agreed) {
    return {{"card", Proof(session, "RECEPTION_ACT_GIVE_CONSENTS")},
            {"decisions", Decisions(agreed)},
            {"requestId", auth::RandomUuid()}};
  }
  Answer Give(const Session& session, const std::set<std::string>& agreed) {
    return Call("GiveConsents", Giving(session, agreed), session);
  }
  Answer List(const Session& session) {
    return Call("ListOwnConsents", {{"card", Proof(session, "RECEPTION_ACT_LIST_CONSENTS")}},
                session);
  }
  Answer Withdraw(const Session& session) {
    return Call("WithdrawConsents", {{"card", Proof(session, "RECEPTION_ACT_WITHDRAW_CONSENTS")}},
                session);
  }

  int64_t Acts() const { return Count("SELECT count(*) FROM kakunin.consent_act"); }

  const auth::ScratchDirectory folder_;
  PostgresReceptionLinkStore links_;
  PostgresReceptionAppStore apps_;
  CountingObserver observer_;
  std::unique_ptr<PostgresDatabase> pool_;
  std::unique_ptr<ReceptionLane> lane_;
  std::unique_ptr<ReceptionApi> api_;
  std::unique_ptr<SandboxWallet> wallet_;
  std::unique_ptr<WebServer> server_;
  std::unique_ptr<httplib::SSLClient> client_;
};

}  // namespace kakunin
