#include "server/http/sandbox_wallet.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "auth/encoding.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

using nlohmann::json;

class SandboxWalletTest : public testing::Test {
 protected:
  SandboxWalletTest() : wallet_(folder_.path()) {
    for (const char* name : {"TP01", "TP02"}) {
      std::ofstream(folder_.path() / (std::string(name) + ".pem"))
          << auth::PemEncode("CERTIFICATE", "not read here");
      EXPECT_TRUE(key_.Save(folder_.path() / (std::string(name) + ".key")).ok());
    }
  }

  json Sign(const std::string& card, const std::string& pin) {
    const json asked = {
        {"card", card}, {"pin", pin}, {"toBeSigned", auth::Base64Encode("challenge")}};
    return json::parse(wallet_.Sign(asked.dump()));
  }

  const auth::ScratchDirectory folder_;
  const auth::PrivateKey key_ = auth::PrivateKey::GenerateP256();
  SandboxWallet wallet_;
};

TEST_F(SandboxWalletTest, SignsWithTheCardsKeyAfterThePin) {
  EXPECT_EQ(json::parse(wallet_.Cards()), json({"TP01", "TP02"}));
  const json signed_ = Sign("TP01", "1234");
  EXPECT_EQ(auth::Base64Decode(signed_["certificate"].get<std::string>()), "not read here");
  EXPECT_FALSE(auth::Base64Decode(signed_["signature"].get<std::string>())->empty());
}

TEST_F(SandboxWalletTest, ThreeWrongPinsInARowLockTheCardForGood) {
  EXPECT_EQ(Sign("TP01", "0000")["left"], 2);
  EXPECT_EQ(Sign("TP01", "")["left"], 1);
  EXPECT_TRUE(Sign("TP01", "1234").contains("signature"));
  EXPECT_EQ(Sign("TP01", "0000")["left"], 2);
  EXPECT_EQ(Sign("TP01", "12345")["left"], 1);
  EXPECT_EQ(Sign("TP01", "0000")["refused"], "PIN_LOCKED");
  EXPECT_EQ(Sign("TP01", "1234")["refused"], "PIN_LOCKED");
  EXPECT_TRUE(Sign("TP02", "1234").contains("signature"));
}

TEST_F(SandboxWalletTest, RefusesWhatIsNoCardAndNoRequest) {
  for (const char* card : {"", "TP99", "../TP01", "TP01.pem", "/etc/passwd"}) {
    EXPECT_EQ(Sign(card, "1234")["refused"], "NO_SUCH_CARD") << card;
  }
  for (const char* body : {"", "[]", "{}", "{\"card\":1,\"pin\":2,\"toBeSigned\":3}",
                           "{\"card\":\"TP01\",\"pin\":\"1234\",\"toBeSigned\":\"*\"}"}) {
    EXPECT_EQ(json::parse(wallet_.Sign(body))["refused"], "BAD_REQUEST") << body;
  }
}

}  // namespace
}  // namespace kakunin
