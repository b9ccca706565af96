// Apps in place of the page: registered by operators, named by facilities, each call signed by a
// key of its own.
#include <map>
#include <set>
#include <string>

#include "auth/app_signature.h"
#include "server/usecases/reception_apps.h"
#include "tests/http/reception_fixture.h"

namespace kakunin {
namespace {

using nlohmann::json;

constexpr char kApp[] = "clinic-online";
constexpr char kOtherApp[] = "other-app";

class ReceptionAppTest : public ReceptionTest {
 protected:
  ReceptionAppTest() {
    EXPECT_TRUE(Register(kApp, key_).ok());
    Name(kApp);
  }

  static std::string PemOf(const auth::PrivateKey& key) {
    return auth::PemEncode("PUBLIC KEY", key.PublicKeyDer());
  }

  absl::Status Register(const std::string& app, const auth::PrivateKey& key) {
    return operators_->Write(Soon(), [&](Transaction& tx) -> absl::Status {
      AuditRecord record{.at = clock_.Now()};
      return RegisterReceptionApp(tx, record, apps_, {app, "見本アプリ", PemOf(key)}, false)
          .status();
    });
  }
  void Revoke(const std::string& app) {
    ASSERT_TRUE(operators_
                    ->Write(Soon(),
                            [&](Transaction& tx) -> absl::Status {
                              AuditRecord record{.at = clock_.Now()};
                              return RevokeReceptionApp(tx, record, apps_, app, false).status();
                            })
                    .ok());
  }
  void Name(const std::string& app, bool drop = false) {
    const auto named = NameReceptionApp(*pool_, apps_, CallOf(Operation::kNameReceptionApp),
                                        {.app_id = app, .drop = drop}, Soon());
    ASSERT_TRUE(named.ok()) << named.status();
  }

  // What a call is signed with; a test changes one thing of it.
  struct Signing {
    std::string app = kApp;
    std::string origin = kPublicUrl;
    absl::Duration late;
    std::optional<std::string> path;
    std::optional<std::string> session;
    std::optional<std::string> body;
  };

  WebAnswer Raw(const std::string& method, const json& message, const std::string& session,
                const Signing& signing, const auth::PrivateKey& key,
                const std::string& address = "203.0.113.1") {
    const std::string path = "/kakunin.v1.ReceptionService/" + method;
    const std::string body = message.dump();
    const int64_t seconds = absl::ToUnixSeconds(clock_.Now() - signing.late);
    const std::string signed_path = signing.path.value_or(path);
    const std::string signed_session = signing.session.value_or(session);
    const std::string signed_body = signing.body.value_or(body);
    const std::string text = auth::AppSignedText({.app_id = signing.app,
                                                  .origin = signing.origin,
                                                  .path = signed_path,
                                                  .unix_seconds = seconds,
                                                  .session = signed_session,
                                                  .body = signed_body});
    const std::string authorization =
        auth::WriteAppAuthorization({signing.app, seconds, key.Sign(text)});
    return api_->Answer({.method = path,
                         .address = address,
                         .content_type = "application/json",
                         .authorization = authorization,
                         .app_session = session,
                         .body = body});
  }
  json Ask(const std::string& method, const json& message, const std::string& session = "") {
    return json::parse(Raw(method, message, session, {}, key_).json);
  }
  std::string ReasonFor(const Signing& signing, const auth::PrivateKey& key,
                        const std::string& address = "203.0.113.1") {
    return Reason(Raw("OpenReception", {{"token", link_.token}}, "", signing, key, address));
  }
  static std::string Reason(const WebAnswer& answer) {
    return answer.http_status == 200 ? "" : json::parse(answer.json).value("message", "?");
  }
  std::string OpenByApp() {
    const json opened = Ask("OpenReception", {{"token", link_.token}});
    return opened.value("session", "");
  }
  std::string BeginReason(const std::string& session) {
    return Reason(
        Raw("BeginReceptionAct", {{"act", "RECEPTION_ACT_LIST_CONSENTS"}}, session, {}, key_));
  }

  const std::unique_ptr<PostgresDatabase> operators_ = database_.Open("kakunin_operator");
  const auth::PrivateKey key_ = auth::PrivateKey::GenerateP256();
  const auth::PrivateKey other_key_ = auth::PrivateKey::GenerateP256();
  const MadeLink link_ = MakeLink();
};

TEST_F(ReceptionAppTest, GivesConsentsWithoutCookieOriginOrCsrfAndIsNamedByTheAudit) {
  const json opened = Ask("OpenReception", {{"token", link_.token}});
  EXPECT_EQ(opened["csrfToken"], "");
  const std::string session = opened["session"];
  const json begun = Ask("BeginReceptionAct", {{"act", "RECEPTION_ACT_GIVE_CONSENTS"}}, session);
  const auto octets = auth::Base64Decode(begun["toBeSigned"].get<std::string>());
  const json card = {
      {"challengeId", begun["challengeId"]},
      {"certificate", auth::Base64Encode(certificate_)},
      {"signature", auth::Base64Encode(auth::CardPki::Get().card_key.Sign(octets.value_or("")))},
      {"holderVerification", "HOLDER_VERIFICATION_PIN"}};
  const json given =
      Ask("GiveConsents",
          {{"card", card}, {"decisions", Decisions({"DRUG"})}, {"requestId", auth::RandomUuid()}},
          session);
  EXPECT_EQ(given["outcome"], "RECEPTION_OUTCOME_TAKEN");
  EXPECT_EQ(Acts(), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM kakunin.audit_event WHERE operation IN (10, 11)"
                  " AND actor_kind = 5 AND actor = '" +
                  std::string(kTestFacility) + "/@web/" + kApp + "'"),
            2);
}

TEST_F(ReceptionAppTest, IsServedOverHttpsByItsHeaders) {
  const std::string path = "/kakunin.v1.ReceptionService/OpenReception";
  const std::string body = json{{"token", link_.token}}.dump();
  const int64_t seconds = absl::ToUnixSeconds(clock_.Now());
  const std::string text = auth::AppSignedText(
      {.app_id = kApp, .origin = kPublicUrl, .path = path, .unix_seconds = seconds, .body = body});
  const auto opened = client_->Post(
      path, {{"Authorization", auth::WriteAppAuthorization({kApp, seconds, key_.Sign(text)})}},
      body, "application/json");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->status, 200);
  EXPECT_EQ(opened->get_header_value("Set-Cookie"), "");
  EXPECT_NE(json::parse(opened->body).value("session", ""), "");
}

TEST_F(ReceptionAppTest, RefusesWhatTheAppDidNotSignAllAlike) {
  std::map<std::string, std::pair<Signing, const auth::PrivateKey*>> forged;
  forged["another key"] = {{}, &other_key_};
  forged["unknown app"] = {{.app = "nobody"}, &key_};
  forged["another installation"] = {{.origin = "https://other.example"}, &key_};
  forged["another method"] = {{.path = "/kakunin.v1.ReceptionService/GiveConsents"}, &key_};
  forged["another body"] = {{.body = "{}"}, &key_};
  forged["another session"] = {{.session = "00"}, &key_};
  forged["61 seconds old"] = {{.late = absl::Seconds(61)}, &key_};
  forged["61 seconds ahead"] = {{.late = -absl::Seconds(61)}, &key_};
  std::set<std::string> answers;
  for (const auto& [what, call] : forged) {
    const WebAnswer answer =
        Raw("OpenReception", {{"token", link_.token}}, "", call.first, *call.second);
    EXPECT_EQ(Reason(answer), "RECEPTION_APP_REFUSED") << what;
    answers.insert(answer.json);
  }
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(ReasonFor({.late = absl::Seconds(60)}, key_), "");
  EXPECT_EQ(ReasonFor({.late = -absl::Seconds(60)}, key_), "");
}

TEST_F(ReceptionAppTest, RefusesAHeaderThatIsNoSignature) {
  for (const char* header :
       {"Bearer x", "Kakunin-App ", "Kakunin-App clinic-online", "Kakunin-App clinic-online.1",
        "Kakunin-App clinic-online.x.AAAA", "Kakunin-App clinic-online.99999999999999999999.AAAA",
        "Kakunin-App clinic-online.1.!", "Kakunin-App \xff.1.AAAA", "Kakunin-App .1.AAAA"}) {
    const WebAnswer answer = api_->Answer({.method = "/kakunin.v1.ReceptionService/OpenReception",
                                           .address = "203.0.113.1",
                                           .content_type = "application/json",
                                           .origin = kPublicUrl,
                                           .authorization = header,
                                           .body = "{}"});
    EXPECT_EQ(Reason(answer), "RECEPTION_APP_REFUSED") << header;
  }
}

TEST_F(ReceptionAppTest, ALinkOfAFacilityThatDidNotNameItIsLikeAnAbsentOne) {
  ASSERT_TRUE(Register(kOtherApp, other_key_).ok());
  const Signing other{.app = kOtherApp};
  const auto asked = [&](const std::string& token) {
    return Raw("OpenReception", {{"token", token}}, "", other, other_key_).json;
  };
  const std::string absent = asked(std::string(32, '0'));
  EXPECT_EQ(json::parse(absent)["message"], "RECEPTION_CLOSED");
  EXPECT_EQ(asked(link_.token), absent);
  Name(kOtherApp);
  EXPECT_EQ(ReasonFor(other, other_key_), "");
}

TEST_F(ReceptionAppTest, DroppingItEndsItsOpenSessions) {
  const std::string session = OpenByApp();
  EXPECT_EQ(BeginReason(session), "");
  Name(kApp, /*drop=*/true);
  EXPECT_EQ(BeginReason(session), "RECEPTION_CLOSED");
  clock_.Advance(absl::Milliseconds(1));
  Name(kApp);
  EXPECT_EQ(BeginReason(session), "RECEPTION_NOT_OPENED");
  EXPECT_EQ(BeginReason(OpenByApp()), "");
}

TEST_F(ReceptionAppTest, RevokingItEndsItsOpenSessionsWithTheCommitAndForEver) {
  const std::string session = OpenByApp();
  EXPECT_EQ(BeginReason(session), "");
  Revoke(kApp);
  EXPECT_EQ(BeginReason(session), "RECEPTION_APP_REFUSED");
  EXPECT_EQ(ReasonFor({}, key_), "RECEPTION_APP_REFUSED");
  // Neither its name nor its key comes back.
  EXPECT_EQ(ReasonOf(Register(kApp, other_key_)), kakunin::Reason::kInvalidFields);
  EXPECT_EQ(ReasonOf(Register(kOtherApp, key_)), kakunin::Reason::kInvalidFields);
  const auto named = NameReceptionApp(*pool_, apps_, CallOf(Operation::kNameReceptionApp),
                                      {.app_id = kApp}, Soon());
  EXPECT_EQ(ReasonOf(named.status()), kakunin::Reason::kReceptionAppNotFound);
}

TEST_F(ReceptionAppTest, ANewKeyReplacesTheOldOneAtOnce) {
  ASSERT_TRUE(Register(kApp, other_key_).ok());
  EXPECT_EQ(ReasonFor({}, key_), "RECEPTION_APP_REFUSED");
  EXPECT_EQ(ReasonFor({}, other_key_), "");
}

TEST_F(ReceptionAppTest, TakesP256KeysOnly) {
  for (const auth::PrivateKey& key :
       {auth::PrivateKey::GenerateP384(), auth::PrivateKey::GenerateRsa()}) {
    EXPECT_EQ(ReasonOf(Register(kOtherApp, key)), kakunin::Reason::kInvalidFields);
  }
  EXPECT_FALSE(auth::ReadAppKey("no key"));
  EXPECT_FALSE(auth::ReadAppKey(auth::PemEncode("PUBLIC KEY", "no key")));
}

TEST_F(ReceptionAppTest, ASessionIsOfTheAppOrTheBrowserThatOpenedIt) {
  ASSERT_TRUE(Register(kOtherApp, other_key_).ok());
  Name(kOtherApp);
  const std::string of_app = OpenByApp();
  const Session of_browser = Open(link_.token);
  EXPECT_EQ(BeginReason(of_app), "");
  EXPECT_EQ(BeginReason(of_browser.cookie), "RECEPTION_NOT_OPENED");
  const json begin = {{"act", "RECEPTION_ACT_LIST_CONSENTS"}};
  EXPECT_EQ(Reason(Raw("BeginReceptionAct", begin, of_app, {.app = kOtherApp}, other_key_)),
            "RECEPTION_NOT_OPENED");
  EXPECT_EQ(Call("BeginReceptionAct", begin, {of_app, of_browser.csrf}).reason(),
            "RECEPTION_NOT_OPENED");
  EXPECT_EQ(Call("BeginReceptionAct", begin, of_browser).reason(), "");
}

TEST_F(ReceptionAppTest, ForgersMeetTheLimitOfTheirAddressAndTheAppDoesNot) {
  std::map<std::string, int> reasons;
  for (int i = 0; i < 100; ++i) ++reasons[ReasonFor({}, other_key_, "203.0.113.7")];
  EXPECT_EQ(reasons["RECEPTION_APP_REFUSED"], AppLimits().refused_per_address);
  EXPECT_EQ(reasons["RECEPTION_LIMIT"], 100 - AppLimits().refused_per_address);
  EXPECT_EQ(ReasonFor({}, key_, "203.0.113.7"), "RECEPTION_LIMIT");
  EXPECT_EQ(ReasonFor({}, key_, "203.0.113.8"), "");
}

TEST_F(ReceptionAppTest, AnAppMayAskMoreOftenThanAnAddressAndNotWithoutEnd) {
  int let_in = 0;
  for (int i = 0; i < 200; ++i) {
    const WebAnswer answer =
        Raw("OpenReception", {{"token", MakeLink().token}}, "", {}, key_, "203.0.113.9");
    let_in += answer.http_status == 200 ? 1 : 0;
  }
  EXPECT_EQ(let_in, 200);
  AppCaller few(*pool_, apps_, kPublicUrl, {.calls_per_app = 1});
  const int64_t seconds = absl::ToUnixSeconds(clock_.Now());
  const std::string text = auth::AppSignedText(
      {.app_id = kApp, .origin = kPublicUrl, .path = "/p", .unix_seconds = seconds});
  const std::string header = auth::WriteAppAuthorization({kApp, seconds, key_.Sign(text)});
  const WebCall call{.method = "/p", .address = "203.0.113.9", .authorization = header};
  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(few.AppOf(call, clock_.Now(), now, Soon()).ok());
  EXPECT_EQ(ReasonOf(few.AppOf(call, clock_.Now(), now, Soon()).status()),
            kakunin::Reason::kReceptionLimit);
}

}  // namespace
}  // namespace kakunin
