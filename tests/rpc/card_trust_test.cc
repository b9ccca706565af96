// What CRLs listed, over the life of processes and over several servers: real files, real
// PostgreSQL under the terminal port's role.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "auth/card_verifier.h"
#include "auth/encoding.h"
#include "server/card_trust_loader.h"
#include "server/crl_archive.h"
#include "storage/postgres/crl_memory_store.h"
#include "tests/support/rpc_server.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin {
namespace {

using auth::CardPki;

// Server is what one server process has of its own.
struct Server {
  Server(const TestDatabase& database, const std::filesystem::path& folder, const Clock& clock)
      : pool(database.Open("kakunin_terminal")),
        archive(*pool, store),
        loader(folder / "trust", folder / "crl", absl::Hours(1), clock, archive) {}

  std::unique_ptr<PostgresDatabase> pool;
  PostgresCrlMemoryStore store;
  DatabaseCrlArchive archive;
  CardTrustLoader loader;
};

class CardTrustTest : public testing::Test {
 protected:
  CardTrustTest() {
    for (const char* name : {"trust", "crl"}) {
      std::filesystem::create_directory(scratch_.path() / name);
    }
    scratch_.Write("trust/root.pem", auth::CertificatePem(Issuer().certificate_der));
  }
  static const auth::Authority& Issuer() { return CardPki::Get().generations[2]; }

  void WriteCrl(uint64_t number, const std::vector<uint64_t>& serials,
                std::vector<auth::RevokedEntry> entries = {}) {
    auth::CrlSpec spec = auth::DefaultCrl(clock_.Now());
    spec.crl_number = auth::SerialNumber(number);
    spec.serials = serials;
    spec.entries = std::move(entries);
    scratch_.Write("crl/city.crl", auth::IssueCrl(spec, Issuer()));
    clock_.Advance(absl::Seconds(1));
  }
  std::unique_ptr<Server> StartServer() {
    auto server = std::make_unique<Server>(database_, scratch_.path(), clock_);
    EXPECT_TRUE(server->loader.Start().ok());
    return server;
  }
  // WasRevoked asks about a certificate that has just ended.
  bool WasRevoked(const Server& server, uint64_t serial) const {
    return server.loader.Current().revocations->WasRevoked(
        auth::Sha256(Issuer().key.PublicKeyDer()), auth::MunicipalityPoint(auth::kCity),
        auth::SerialNumber(serial), absl::ToUnixSeconds(clock_.Now()) - 1);
  }

  const TestDatabase database_;
  SettableClock clock_;
  const auth::ScratchDirectory scratch_;
};

TEST_F(CardTrustTest, WhatOneServerSawAllServersKnowAlsoAfterARestart) {
  WriteCrl(1, {5, 6});
  auto first = StartServer();
  WriteCrl(2, {6});
  const auto second = StartServer();  // never held the first CRL
  EXPECT_TRUE(WasRevoked(*second, 5));
  EXPECT_FALSE(WasRevoked(*second, 6));
  EXPECT_TRUE(first->loader.Reload().ok());
  EXPECT_TRUE(WasRevoked(*first, 5));
  first.reset();
  WriteCrl(3, {});  // while the first is down
  first = StartServer();
  EXPECT_TRUE(second->loader.Reload().ok());
  for (const Server* server : {first.get(), second.get()}) {
    EXPECT_TRUE(WasRevoked(*server, 5));
    EXPECT_TRUE(WasRevoked(*server, 6));
    EXPECT_FALSE(WasRevoked(*server, 7));
  }
}

TEST_F(CardTrustTest, WithoutTheDatabaseTheLastGoodCrlStays) {
  WriteCrl(1, {5});
  const auto server = StartServer();
  database_.Exec("REVOKE SELECT ON kakunin.crl_memory FROM kakunin_terminal");
  WriteCrl(2, {});
  EXPECT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(server->loader.Current().revocations->entries(), 1u);
  database_.Exec("GRANT SELECT ON kakunin.crl_memory TO kakunin_terminal");
  EXPECT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(server->loader.Current().revocations->entries(), 0u);
  EXPECT_TRUE(WasRevoked(*server, 5));
}

// What is kept of a partition is kept whole or not at all: a half would say nothing of the CRL that
// shrank when the load is repeated.
TEST_F(CardTrustTest, WhatCouldNotBeKeptWholeIsAlarmedOfWhenItIs) {
  WriteCrl(1, {1, 2, 3, 4, 5});
  StartServer();
  database_.Exec(
      "ALTER TABLE kakunin.crl_memory ADD CONSTRAINT nothing_superseded CHECK"
      " (octets = '' OR encode(point, 'escape') NOT LIKE '%superseded')");
  WriteCrl(2, {}, {{auth::SerialNumber(5), clock_.Now(), 4}});  // superseded
  const auto server = StartServer();
  EXPECT_EQ(server->loader.RefusedCrls(), 1);
  EXPECT_EQ(server->loader.SuspiciousCrls(), 0);
  database_.Exec("ALTER TABLE kakunin.crl_memory DROP CONSTRAINT nothing_superseded");
  EXPECT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(server->loader.RefusedCrls(), 0);
  EXPECT_EQ(server->loader.SuspiciousCrls(), 1);
}

// What was agreed to at home with a card that was revoked outlives the memory of it: when the
// memory goes, what is kept of linked cards stays. An undone link, 9, may come again, and with it
// what was agreed to.
TEST_F(CardTrustTest, OfLinkedCardsItIsKeptForGoodThatTheyWereRevoked) {
  const std::string issuer = auth::HexEncode(auth::Sha256(Issuer().key.PublicKeyDer()));
  for (const char* serial : {"05", "06", "08"}) {
    database_.Exec(fmt::format(
        "INSERT INTO kakunin.card_link (issuer_key_id, serial, person_id, medium, linked_at)"
        " VALUES ('\\x{}', '\\x{}', gen_random_uuid(), 1, '2026-04-01T00:00:00Z')",
        issuer, serial));
  }
  database_.Exec(fmt::format(
      "INSERT INTO kakunin.card_link_change (feed_id, issuer_key_id, serial, person_id, made,"
      " medium_before, medium_after, superseded, superseded_at_after) VALUES (gen_random_uuid(),"
      " '\\x{}', '\\x09', gen_random_uuid(), true, NULL, 1, false, NULL)",
      issuer));
  const auto kept = [&] {
    return std::string(database_
                           .Exec("SELECT coalesce(string_agg(encode(serial, 'hex') || ' ' ||"
                                 " extract(epoch FROM until)::bigint, ', ' ORDER BY serial), '')"
                                 " FROM kakunin.forgotten_revocation")[0][0]
                           .c_str());
  };
  // 6 has been replaced by its holder's next card, 7 is nobody's here, 8 stays listed.
  WriteCrl(1, {5, 7, 8, 9}, {{auth::SerialNumber(6), clock_.Now(), 4}});
  const auto server = StartServer();
  WriteCrl(2, {8});
  ASSERT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(server->loader.Current().revocations->former_entries(), 4u);
  const int64_t until = server->loader.Current().revocations->partitions().front()->next_update;
  const absl::Time end = auth::GraceEnd(absl::FromUnixSeconds(until));
  // Theirs are two hours old (DefaultCrl): to the second before the end.
  clock_.Advance(end + absl::Hours(2) - absl::Seconds(1) - clock_.Now());
  WriteCrl(3, {8});
  ASSERT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(kept(), "");
  EXPECT_EQ(server->loader.Current().revocations->former_entries(), 4u);
  WriteCrl(4, {8});  // at the end itself
  ASSERT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(server->loader.Current().revocations->former_entries(), 0u);
  EXPECT_EQ(kept(), fmt::format("05 {0}, 09 {0}", until));
  WriteCrl(5, {5, 8});
  WriteCrl(6, {8});
  ASSERT_TRUE(server->loader.Reload().ok());
  EXPECT_EQ(kept(), fmt::format("05 {0}, 09 {0}", until));
}

}  // namespace
}  // namespace kakunin
