// What the patients' door keeps out: wrong tokens, forged requests, floods; and what it says of
// itself.
#include <fmt/format.h>

#include <set>
#include <string>

#include "server/http/web_files.h"
#include "tests/http/reception_fixture.h"

namespace kakunin {
namespace {

using nlohmann::json;

class WebDoorTest : public ReceptionTest {};

class SandboxDoorTest : public ReceptionTest {
 protected:
  SandboxDoorTest() : ReceptionTest(/*sandbox=*/true) {}
};

TEST_F(WebDoorTest, AbsentExpiredRenewedAndRevokedTokensAreAnsweredAlike) {
  const absl::CivilDay today = CivilDayAt(clock_.Now());
  const MadeLink over = MakeLink(today);
  clock_.Advance(absl::Hours(24));
  const MadeLink renewed = MakeLink();
  Renew(renewed.link.id);
  const MadeLink revoked = MakeLink();
  ReceptionLinks links(*pool_, links_, look_up_key_);
  ASSERT_TRUE(links.Revoke(CallOf(Operation::kRevokeReceptionLink), revoked.link.id, Soon()).ok());
  std::set<std::string> answers;
  for (const std::string& token : {over.token, renewed.token, revoked.token, std::string(32, '0'),
                                   std::string(), std::string("x\xE3\x81\x82<script>")}) {
    const Answer answer = Call("OpenReception", {{"token", token}});
    answers.insert(std::to_string(answer.status) + answer.body.dump() + answer.cookie);
    EXPECT_EQ(answer.reason(), "RECEPTION_CLOSED");
  }
  EXPECT_EQ(answers.size(), 1u);
}

TEST_F(WebDoorTest, TenThousandGuessesMeetTheLimitAndOthersDoNot) {
  const MadeLink link = MakeLink();
  std::map<std::string, int> reasons;
  const auto guess = [&](const std::string& token, const std::string& address) {
    const std::string body = json{{"token", token}}.dump();
    const WebAnswer answer = api_->Answer({.method = "/kakunin.v1.ReceptionService/OpenReception",
                                           .address = address,
                                           .content_type = "application/json",
                                           .origin = kPublicUrl,
                                           .body = body});
    return answer.http_status == 200 ? std::string("OPEN")
                                     : json::parse(answer.json)["message"].get<std::string>();
  };
  for (int i = 0; i < 10'000; ++i) {
    ++reasons[guess(auth::HexEncode(auth::RandomArray<16>()), "203.0.113.7")];
  }
  EXPECT_EQ(reasons["RECEPTION_CLOSED"], WebLimits().wrong_tokens_per_address);
  EXPECT_EQ(reasons["RECEPTION_LIMIT"], 10'000 - WebLimits().wrong_tokens_per_address);
  EXPECT_EQ(guess(link.token, "203.0.113.7"), "RECEPTION_LIMIT");
  EXPECT_EQ(guess(link.token, "203.0.113.8"), "OPEN");
}

// Limits of the door, asked as from anywhere.
class DoorLimitsTest : public ReceptionTest {
 protected:
  // The reason of a refusal, "" for an answer, whose session goes to `session`.
  std::string OpenFrom(const std::string& address, const std::string& token,
                       Session* session = nullptr) {
    const WebAnswer answer =
        AnswerFrom(address, "OpenReception", json{{"token", token}}.dump(), {});
    if (session != nullptr && answer.http_status == 200) {
      *session = {answer.session_cookie, json::parse(answer.json)["csrfToken"]};
    }
    return ReasonOf(answer);
  }
  std::string BeginFrom(const std::string& address, const Session& session) {
    return ReasonOf(AnswerFrom(address, "BeginReceptionAct",
                               json{{"act", "RECEPTION_ACT_LIST_CONSENTS"}}.dump(), session));
  }
  static std::string Address(int number) { return fmt::format("203.0.113.{}", number); }

  static constexpr WebLimits kShipped{};

 private:
  WebAnswer AnswerFrom(const std::string& address, const std::string& method,
                       const std::string& body, const Session& session) {
    const std::string path = "/kakunin.v1.ReceptionService/" + method;
    return api_->Answer({.method = path,
                         .address = address,
                         .content_type = "application/json",
                         .origin = kPublicUrl,
                         .session_cookie = session.cookie,
                         .csrf_token = session.csrf,
                         .body = body});
  }
  static std::string ReasonOf(const WebAnswer& answer) {
    return answer.http_status == 200 ? "" : json::parse(answer.json)["message"].get<std::string>();
  }
};

TEST_F(DoorLimitsTest, AnAddressHasSoManyCallsAMinute) {
  for (int i = 0; i < kShipped.calls_per_address; ++i) {
    ASSERT_EQ(BeginFrom("2001:db8::1", {}), "RECEPTION_NOT_OPENED") << i;
  }
  EXPECT_EQ(BeginFrom("2001:db8::2", {}), "RECEPTION_LIMIT") << "the same household";
  EXPECT_EQ(BeginFrom("2001:db8:0:1::1", {}), "RECEPTION_NOT_OPENED");
}

TEST_F(DoorLimitsTest, AnAddressHasAShareOfALinkAndNoMore) {
  const std::string poster = MakeLink().token;
  for (int i = 0; i < kShipped.opens_per_link_and_address; ++i) {
    ASSERT_EQ(OpenFrom("2001:db8::1", poster), "") << i;
  }
  EXPECT_EQ(OpenFrom("2001:db8::2", poster), "RECEPTION_LIMIT") << "the same household";
  EXPECT_EQ(OpenFrom("2001:db8:0:1::1", poster), "");
  EXPECT_EQ(OpenFrom(Address(1), MakeLink().token), "");
}

TEST_F(DoorLimitsTest, ThreeAddressesShutNoPoster) {
  const std::string poster = MakeLink().token;
  for (int i = 0; i < kShipped.opens_per_link + 20; ++i) OpenFrom(Address(i % 3), poster);
  EXPECT_EQ(OpenFrom(Address(3), poster), "");
}

TEST_F(DoorLimitsTest, AShutPosterIsOpenStillToThoseWhoOpenedIt) {
  const std::string poster = MakeLink().token;
  Session patient;
  ASSERT_EQ(OpenFrom("198.51.100.1", poster, &patient), "");
  for (int i = 1; i < kShipped.opens_per_link; ++i) {
    ASSERT_EQ(OpenFrom(Address(i / kShipped.opens_per_link_and_address), poster), "") << i;
  }
  EXPECT_EQ(OpenFrom(Address(100), poster), "RECEPTION_LIMIT");
  EXPECT_EQ(OpenFrom(Address(100), MakeLink().token), "");
  EXPECT_EQ(BeginFrom("198.51.100.1", patient), "");
}

TEST_F(DoorLimitsTest, ASessionHasSoManyCallsAMinute) {
  const std::string poster = MakeLink().token;
  Session one;
  Session other;
  ASSERT_EQ(OpenFrom(Address(1), poster, &one), "");
  ASSERT_EQ(OpenFrom(Address(2), poster, &other), "");
  for (int i = 0; i < kShipped.calls_per_session; ++i) {
    ASSERT_EQ(BeginFrom(Address(i % 4), one), "") << i;
  }
  EXPECT_EQ(BeginFrom(Address(5), one), "RECEPTION_LIMIT");
  EXPECT_EQ(BeginFrom(Address(2), other), "");
}

TEST_F(WebDoorTest, RefusesForgedRequests) {
  const Session session = Open(MakeLink().token);
  const Session other = Open(MakeLink().token);
  const json begin = {{"act", "RECEPTION_ACT_LIST_CONSENTS"}};
  const auto reason = [&](const Session& with, const httplib::Headers& headers = {}) {
    return Call("BeginReceptionAct", begin, with, headers).reason();
  };
  EXPECT_EQ(reason(session), "");
  EXPECT_EQ(reason({}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason({session.cookie, ""}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason({"", session.csrf}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason({session.cookie, other.csrf}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason({session.cookie + "00", session.csrf}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason({session.cookie + "; __Host-kakunin=" + other.cookie, session.csrf}),
            "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason(session, {{"Origin", "https://evil.example"}}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason(session, {{"Origin", "null"}}), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(reason(session, {{"Origin", kPublicUrl}}), "");
  EXPECT_EQ(reason(session, {{"Origin", ""}}), "RECEPTION_NOT_OPENED");
  const auto form =
      client_->Post("/kakunin.v1.ReceptionService/OpenReception", {{"Origin", kPublicUrl}},
                    "token=x", "application/x-www-form-urlencoded");
  ASSERT_TRUE(form);
  EXPECT_EQ(form->status, 400);
  // What none of these did: begin an act.
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.challenge WHERE terminal_id LIKE '@web%'"), 2);
}

TEST_F(WebDoorTest, ASessionEndsAndTheCookieIsTheBrowsersAlone) {
  const MadeLink link = MakeLink();
  const auto opened =
      client_->Post("/kakunin.v1.ReceptionService/OpenReception", {{"Origin", kPublicUrl}},
                    json{{"token", link.token}}.dump(), "application/json");
  ASSERT_TRUE(opened);
  const std::string cookie = opened->get_header_value("Set-Cookie");
  for (const char* part :
       {"__Host-kakunin=", "; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << part;
  }
  const Session session = Open(link.token);
  clock_.Advance(absl::Minutes(15) - absl::Seconds(1));
  const json begin = {{"act", "RECEPTION_ACT_LIST_CONSENTS"}};
  EXPECT_EQ(Call("BeginReceptionAct", begin, session).reason(), "");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Call("BeginReceptionAct", begin, session).reason(), "RECEPTION_NOT_OPENED");
}

TEST_F(WebDoorTest, ARenewedLinkServesNoSessionOfTheOldOneAnyMore) {
  const MadeLink link = MakeLink();
  const Session session = Open(link.token);
  const json request = Giving(session, {"DRUG"});
  Renew(link.link.id);
  EXPECT_EQ(Call("GiveConsents", request, session).reason(), "RECEPTION_CLOSED");
  EXPECT_EQ(Acts(), 0);
}

TEST_F(WebDoorTest, EveryAnswerCarriesTheSecurityHeaders) {
  for (const char* path : {"/", "/style.css", "/nothing"}) {
    const auto page = client_->Get(path);
    ASSERT_TRUE(page) << path;
    const std::string policy = page->get_header_value("Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << path;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer") << path;
    EXPECT_EQ(page->get_header_value("X-Frame-Options"), "DENY") << path;
    EXPECT_NE(page->get_header_value("Strict-Transport-Security"), "") << path;
    EXPECT_EQ(page->get_header_value("Server"), "") << path;
  }
  const auto page = client_->Get("/");
  EXPECT_EQ(page->status, 200);
  // The policy forbids them; the page has none.
  for (const char* inline_part : {"<script>", "onclick=", "style=\"", "<style"}) {
    EXPECT_EQ(page->body.find(inline_part), std::string::npos) << inline_part;
  }
}

TEST_F(WebDoorTest, WhatIsTooLargeOrNotThereIsRefused) {
  const auto large = client_->Post("/kakunin.v1.ReceptionService/OpenReception",
                                   std::string(20'000, ' '), "application/json");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->status, 413);
  for (const char* path :
       {"/kakunin.v1.ReceptionService/Nothing", "/kakunin.v1.EligibilityService/ConfirmByCard"}) {
    const auto other = client_->Post(path, "{}", "application/json");
    ASSERT_TRUE(other);
    EXPECT_EQ(other->status, 404) << path;
  }
}

TEST_F(WebDoorTest, AReplacedCertificateIsServedToNewConnectionsAndOpenOnesGoOn) {
  // A client reads its authorities once: what it trusts is what was served when it was made.
  const auto client = [&] {
    auto made = std::make_unique<httplib::SSLClient>("localhost", server_->port());
    made->set_ca_cert_path((folder_.path() / "ca.pem").c_str());
    made->enable_server_certificate_verification(true);
    made->set_keep_alive(true);
    return made;
  };
  const auto open = client();
  ASSERT_TRUE(open->Get("/"));
  const absl::Time before = server_->CertificateEnd();
  ASSERT_TRUE(server_->RenewCertificate().ok());
  ASSERT_TRUE(client()->Get("/"));

  WriteTls(absl::Hours(48));
  ASSERT_FALSE(client()->Get("/"));  // nobody has read it yet
  ASSERT_TRUE(server_->RenewCertificate().ok());
  EXPECT_GT(server_->CertificateEnd(), before + absl::Hours(23));
  EXPECT_TRUE(open->Get("/"));
  const auto renewed = client();
  EXPECT_TRUE(renewed->Get("/"));
  open->stop();
  EXPECT_FALSE(open->Get("/"));  // a new connection, to a certificate that it does not trust

  // A key that belongs to another certificate: what is served stays, until both are there.
  const auth::PrivateKey other = auth::PrivateKey::GenerateP256();
  std::filesystem::remove(folder_.path() / "web.key");
  ASSERT_TRUE(other.Save(folder_.path() / "web.key").ok());
  EXPECT_EQ(server_->RenewCertificate().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(server_->RenewCertificate().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(client()->Get("/"));
  WriteTls();
  EXPECT_TRUE(server_->RenewCertificate().ok());
  EXPECT_TRUE(client()->Get("/"));
}

TEST_F(WebDoorTest, TellsWhetherItServesAndCountsSessions) {
  EXPECT_TRUE(server_->IsServing());
  Open(MakeLink().token);
  Open(MakeLink().token);
  EXPECT_EQ(Call("OpenReception", {{"token", "x"}}).reason(), "RECEPTION_CLOSED");
  EXPECT_EQ(api_->SessionsOfPage(), 2);
  EXPECT_EQ(api_->SessionsOfApps(), 0);
  client_.reset();
  server_->Stop();
  EXPECT_FALSE(server_->IsServing());
}

TEST_F(WebDoorTest, WithoutASandboxNothingOfTheWalletIsServed) {
  int wallet_files = 0;
  for (const WebFile& file : AllWebFiles()) {
    const auto got = client_->Get(std::string(file.path));
    ASSERT_TRUE(got);
    const bool of_sandbox = file.path.starts_with("/sandbox/");
    wallet_files += of_sandbox ? 1 : 0;
    EXPECT_EQ(got->status, of_sandbox ? 404 : 200) << file.path;
  }
  EXPECT_EQ(wallet_files, 1);
  EXPECT_EQ(client_->Get("/sandbox/cards")->status, 404);
  EXPECT_EQ(client_->Post("/sandbox/sign", "{}", "application/json")->status, 404);
}

TEST_F(SandboxDoorTest, ASandboxServesTheWalletWithTheSameHeaders) {
  const auto script = client_->Get("/sandbox/wallet.js");
  ASSERT_TRUE(script);
  EXPECT_EQ(script->status, 200);
  EXPECT_NE(script->get_header_value("Content-Security-Policy"), "");
  EXPECT_EQ(client_->Get("/sandbox/cards")->body, "[]");
  EXPECT_EQ(client_->Post("/sandbox/sign", "{}", "text/plain")->status, 415);
  const auto refused = client_->Post("/sandbox/sign", "{}", "application/json");
  EXPECT_EQ(refused->status, 200);
  EXPECT_EQ(json::parse(refused->body)["refused"], "BAD_REQUEST");
}

}  // namespace
}  // namespace kakunin
