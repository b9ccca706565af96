#include "server/config/config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "server/config/closest_word.h"

namespace kakunin {
namespace {

// Replaced is the example with one text replaced; the text must be there.
std::string Replaced(std::string_view from, std::string_view to) {
  std::string text(ExampleConfig());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string FaultsOf(std::string_view toml) {
  const auto config = ParseConfig(toml, "test.toml");
  return config.ok() ? "" : std::string(config.status().message());
}

int LineOf(std::string_view toml, std::string_view what) {
  const size_t at = toml.find(what);
  return 1 + static_cast<int>(std::count(toml.begin(), toml.begin() + static_cast<long>(at), '\n'));
}

TEST(ConfigTest, ExampleLoadsWithItsDefaults) {
  const auto config = ParseConfig(ExampleConfig(), "/etc/kakunin/kakunin.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->environment.kind, EnvironmentKind::kProduction);
  ASSERT_TRUE(config->terminal.has_value());
  EXPECT_EQ(config->terminal->address, "0.0.0.0:7443");
  EXPECT_EQ(config->terminal->lanes, 2);
  EXPECT_EQ(config->terminal->limits.max_receive_bytes, 1 << 20);
  EXPECT_EQ(config->terminal->database.user, "kakunin_terminal");
  ASSERT_TRUE(config->insurer.has_value());
  EXPECT_EQ(config->insurer->lanes, 0);
  EXPECT_EQ(config->insurer->limits.max_receive_bytes, 4 << 20);
  EXPECT_EQ(config->keys.lookup, "/etc/kakunin/secrets/lookup.key");
  EXPECT_EQ(config->cards.policies.size(), 1u);
  EXPECT_EQ(config->documents.expired_cards_accepted_through, absl::CivilDay(2026, 3, 31));
  EXPECT_EQ(config->contact.closes_hour, 17);
  EXPECT_TRUE(config->jobs.has_value());
}

// toml++ ends the program at these unless told otherwise.
TEST(ConfigTest, OddLettersWhereAKeyBeginsAreAFaultWithItsLine) {
  for (const char* odd : {"\n[!]\n", "\n[[?]]\n", "\n[\x01]\n", "\n[ =]\n"}) {
    EXPECT_TRUE(FaultsOf(odd).starts_with("test.toml:2: ")) << odd << FaultsOf(odd);
  }
}

TEST(ConfigTest, CommentedKeysOfTheExampleAreKeysAndTheirDefaults) {
  // Every line "# key = value" is uncommented, but those that only explain or that another kind of
  // installation needs; what is printed must not change.
  std::string text;
  std::istringstream lines{std::string(ExampleConfig())};
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.size() > 2 && line[0] == '#' && line[1] == ' ' &&
                        line.find(" = ") != std::string::npos &&
                        line.find(' ', 2) == line.find(" = ");
    const bool is_default = is_key && line.find("_file") == std::string::npos &&
                            line.find("server_ca") == std::string::npos &&
                            line.find("fingerprint") == std::string::npos &&
                            line.find("last_seen_head") == std::string::npos &&
                            line.find("# file") == std::string::npos;
    text += (is_default ? line.substr(2) : line) + "\n";
  }
  const auto plain = ParseConfig(ExampleConfig(), "/e/x.toml");
  const auto spelt_out = ParseConfig(text, "/e/x.toml");
  ASSERT_TRUE(plain.ok()) << plain.status();
  ASSERT_TRUE(spelt_out.ok()) << spelt_out.status();
  EXPECT_EQ(PrintConfig(*plain), PrintConfig(*spelt_out));
}

TEST(ConfigTest, PrintedConfigurationLoadsToTheSame) {
  const auto config = ParseConfig(ExampleConfig(), "/etc/kakunin/kakunin.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  const std::string printed = PrintConfig(*config);
  const auto again = ParseConfig(printed, "/elsewhere/x.toml");
  ASSERT_TRUE(again.ok()) << again.status() << "\n" << printed;
  EXPECT_EQ(PrintConfig(*again), printed);
}

TEST(ConfigTest, TellsFromWhenPhonesAreCardsAndWhileALapseIsIgnored) {
  const auto shipped = ParseConfig(ExampleConfig(), "test.toml");
  EXPECT_EQ(shipped->cards.phones_from, absl::CivilDay(2025, 9, 19));
  EXPECT_FALSE(shipped->cards.lapse_ignored_from);
  EXPECT_FALSE(shipped->cards.lapse_ignored_to);
  const auto set = ParseConfig(Replaced("# phones_from = 2025-09-19",
                                        "phones_from = 2025-10-01\nlapse_ignored_to = 2027-04-01"),
                               "test.toml");
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_EQ(set->cards.phones_from, absl::CivilDay(2025, 10, 1));
  EXPECT_EQ(set->cards.lapse_ignored_to, absl::CivilDay(2027, 4, 1));
}

TEST(ConfigTest, FiveYearsBeginNoLaterThanTheFirstDataAreThreeYearsOld) {
  const auto with = [](std::string_view day) {
    return Replaced("# five_years_from = 2024-10-01", fmt::format("five_years_from = {}", day));
  };
  const auto day = [&](std::string_view text) {
    return ParseConfig(with(text), "test.toml")->retention.five_years_from;
  };
  EXPECT_EQ(ParseConfig(ExampleConfig(), "test.toml")->retention.five_years_from,
            absl::CivilDay(2024, 10, 1));
  EXPECT_EQ(FaultsOf(with("2024-09-30")), "");
  EXPECT_EQ(day("2024-09-30"), absl::CivilDay(2024, 9, 30));
  EXPECT_EQ(FaultsOf(with("2024-10-01")), "");
  EXPECT_NE(FaultsOf(with("2024-10-02"))
                .find("five_years_from in [retention] must not be later than 2024-10-01: "),
            std::string::npos);
}

TEST(ConfigTest, UnknownKeyIsRefusedWithItsLineAndTheWordThatWasMeant) {
  const std::string text = Replaced("client_ca = \"tls/terminal-ca.pem\"",
                                    "client_ca = \"tls/terminal-ca.pem\"\nlnaes = 4");
  EXPECT_EQ(FaultsOf(text), "test.toml:" + std::to_string(LineOf(text, "lnaes")) +
                                ": unknown key \"lnaes\" in [terminal]: did you mean \"lanes\"?");
}

// WithWeb is the example with a web port.
std::string WithWeb(std::string_view url, std::string_view more = "") {
  return Replaced("\n[admin]\n",
                  fmt::format("\n[web]\naddress = \"0.0.0.0:443\"\ncertificate = \"tls/web.pem\"\n"
                              "key = \"tls/web.key\"\npublic_url = \"{}\"\n{}\n[admin]\n",
                              url, more));
}

TEST(ConfigTest, TheWebPortNeedsAnOriginThatPatientsOpen) {
  const auto config =
      ParseConfig(WithWeb("https://uketsuke.example.jp"), "/etc/kakunin/kakunin.toml");
  ASSERT_TRUE(config.ok() && config->web) << config.status();
  EXPECT_EQ(config->web->address, "0.0.0.0:443");
  EXPECT_EQ(config->web->certificate, "/etc/kakunin/tls/web.pem");
  EXPECT_EQ(config->web->public_url, "https://uketsuke.example.jp");
  EXPECT_EQ(FaultsOf(WithWeb("https://localhost:8443")), "");
  for (const char* url : {"http://uketsuke.example.jp", "https://", "uketsuke.example.jp",
                          "https://uketsuke.example.jp/", "https://uketsuke.example.jp/r?x"}) {
    EXPECT_NE(
        FaultsOf(WithWeb(url)).find("public_url in [web] is not what a patient's browser opens"),
        std::string::npos)
        << url;
  }
  // It has no lanes of its own.
  std::string alone = WithWeb("https://uketsuke.example.jp");
  const size_t begin = alone.find("\n[terminal]\n");
  alone.erase(begin, alone.find("\n[insurer]\n") - begin);
  EXPECT_NE(FaultsOf(alone).find("address in [web] needs a section [terminal]"), std::string::npos);
}

TEST(ConfigTest, TheWalletsCardsAreASandboxs) {
  const std::string real =
      WithWeb("https://uketsuke.example.jp", "sandbox_cards = \"jpki/cards\"\n");
  EXPECT_NE(FaultsOf(real).find("sandbox_cards in [web] is for kind = \"sandbox\" only"),
            std::string::npos)
      << FaultsOf(real);
  std::string sandbox = real;
  sandbox.replace(sandbox.find("\"production\""), 12, "\"sandbox\"");
  EXPECT_EQ(FaultsOf(sandbox), "");
}

TEST(ConfigTest, MailNeedsAnAddressAndTheTimedJobs) {
  const std::string example(ExampleConfig());
  const auto faults = [](const std::string& text) {
    const auto config = ParseConfig(text, "/e/x.toml");
    return config.ok() ? std::string() : std::string(config.status().message());
  };
  const std::string mail = "\n[mail]\nfolder = \"mail\"\nfrom = ";
  EXPECT_EQ(faults(example + mail + "\"kakunin@kakunin.example\"\n"), "");
  EXPECT_NE(faults(example + mail + "\"kakunin\"\n").find("is no mail address"), std::string::npos);
  std::string without = example;
  without.replace(without.find("\n[jobs]"), 7, "\n");
  EXPECT_NE(faults(without + mail + "\"kakunin@kakunin.example\"\n").find("[jobs]"),
            std::string::npos);
}

TEST(ConfigTest, GroundsOpenFromAndThroughTheirDays) {
  const std::string section = std::string(ExampleConfig()) + "\n[restricted_type]\n";
  const auto good = ParseConfig(section +
                                    "midwives_from = 2026-04-01\n"
                                    "treatment_houses_from = 2026-04-01\n"
                                    "treatment_houses_through = 2027-03-31\n",
                                "/e/x.toml");
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->grounds.midwives->from, absl::CivilDay(2026, 4, 1));
  EXPECT_FALSE(good->grounds.midwives->last_day);
  EXPECT_EQ(good->grounds.treatment_houses->last_day, absl::CivilDay(2027, 3, 31));
  EXPECT_FALSE(good->grounds.paper_claims);
  const auto again = ParseConfig(PrintConfig(*good), "/e/x.toml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->grounds.treatment_houses->last_day, absl::CivilDay(2027, 3, 31));
  for (const char* bad : {"midwives_through = 2026-04-01\n",
                          "midwives_from = 2026-04-02\nmidwives_through = 2026-04-01\n"}) {
    EXPECT_FALSE(ParseConfig(section + bad, "/e/x.toml").ok()) << bad;
  }
}

TEST(ConfigTest, UnknownSectionIsRefused) {
  const std::string text = Replaced("[guessing]", "[guesing]");
  EXPECT_EQ(FaultsOf(text), "test.toml:" + std::to_string(LineOf(text, "[guesing]")) +
                                ": unknown section or key \"guesing\": did you mean "
                                "\"guessing\"?");
}

TEST(ConfigTest, UnknownKeyFarFromAllNamesTheKnownOnes) {
  const std::string faults = FaultsOf(Replaced("[admin]", "[admin]\ncolour = \"red\""));
  EXPECT_NE(faults.find("unknown key \"colour\" in [admin]: remove it; known are address"),
            std::string::npos)
      << faults;
}

TEST(ConfigTest, TellsEveryFaultAtOnceInTheOrderOfLines) {
  std::string text = Replaced("[admin]", "[admin]\naddress = 5");
  text.replace(text.find("# lanes = 2"), 11, "lanes = 0  ");
  text.replace(text.find("# level = \"info\""), 16, "level = \"inof\"  ");
  text.replace(text.find("handle ="), 8, "handel =");
  const std::string faults = FaultsOf(text);
  const std::vector<std::string> expected = {
      "lanes in [terminal] must be a whole number from 1 to 16",
      "address in [admin] must be a text in quotes", "[keys] needs handle",
      "unknown key \"handel\" in [keys]: did you mean \"handle\"?",
      "level in [log] must be one of \"debug\", \"info\", \"warn\", \"error\": did you mean "
      "\"info\"?"};
  size_t from = 0;
  for (const std::string& one : expected) {
    const size_t at = faults.find(one, from);
    ASSERT_NE(at, std::string::npos) << one << "\nnot after " << from << " in\n" << faults;
    from = at;
  }
  EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 4) << faults;
}

TEST(ConfigTest, SyntaxErrorTellsItsLine) {
  EXPECT_EQ(FaultsOf("[environment]\nkind = \n").substr(0, 12), "test.toml:2:");
}

TEST(ConfigTest, OnlyASandboxMayHaveAClockThatCanBeSet) {
  const std::string clock = "\nclock_offset_file = \"clock\"";
  for (const char* kind : {"production", "staging"}) {
    const std::string faults =
        FaultsOf(Replaced("kind = \"production\"", "kind = \"" + std::string(kind) + "\"" + clock));
    EXPECT_NE(faults.find("clock_offset_file in [environment] is for kind = \"sandbox\" only"),
              std::string::npos)
        << kind << faults;
  }
  EXPECT_EQ(FaultsOf(Replaced("kind = \"production\"", "kind = \"sandbox\"" + clock)), "");
}

TEST(ConfigTest, RangesHoldAtTheirEdges) {
  const auto with = [](const std::string& limit) {
    return FaultsOf(Replaced("[terminal.limits]", "[terminal.limits]\n" + limit));
  };
  EXPECT_EQ(with("max_concurrent_streams = 32"), "");
  EXPECT_NE(with("max_concurrent_streams = 33"), "");
  EXPECT_NE(with("max_concurrent_streams = 0"), "");
  EXPECT_EQ(with("max_receive_bytes = 1048576"), "");
  EXPECT_NE(with("max_receive_bytes = 1048577"), "");
  EXPECT_EQ(with("max_connection_age = \"30m\""), "");
  EXPECT_NE(with("max_connection_age = \"29m59s\""), "");
  EXPECT_EQ(with("max_connection_age = \"60m\""), "");
  EXPECT_NE(with("max_connection_age = \"3601s\""), "");
  EXPECT_NE(with("max_connection_age = 45"), "");
}

TEST(ConfigTest, FeedsMayBeLargerThanConfirmations) {
  const std::string limits = "[insurer.limits]\nmax_receive_bytes = 4194304\n[operator]";
  EXPECT_EQ(FaultsOf(Replaced("[operator]", limits)), "");
}

TEST(ConfigTest, OnlyTheTerminalPortHasLanes) {
  const std::string faults = FaultsOf(Replaced("[insurer]", "[insurer]\nlanes = 1"));
  EXPECT_NE(faults.find("unknown key \"lanes\" in [insurer]"), std::string::npos) << faults;
}

TEST(ConfigTest, AdminPortIsLoopbackOnly) {
  for (const char* address : {"0.0.0.0:9464", "10.0.0.1:9464", "[::]:9464", "example.org:9464"}) {
    EXPECT_NE(FaultsOf(Replaced("[admin]", "[admin]\naddress = \"" + std::string(address) + "\"")),
              "")
        << address;
  }
  EXPECT_EQ(FaultsOf(Replaced("[admin]", "[admin]\naddress = \"[::1]:9464\"")), "");
}

TEST(ConfigTest, TheOnboardingPortAsksForNoCertificateAndIsBounded) {
  const auto config = ParseConfig(ExampleConfig(), "test.toml");
  ASSERT_TRUE(config.ok());
  ASSERT_TRUE(config->onboarding.has_value());
  EXPECT_TRUE(config->onboarding->listener.client_ca.empty());
  EXPECT_EQ(config->onboarding->listener.database.user, "kakunin_onboarding");
  EXPECT_EQ(config->onboarding->calls_per_address, 60);
  EXPECT_NE(FaultsOf(Replaced("address = \"0.0.0.0:7446\"",
                              "address = \"0.0.0.0:7446\"\nclient_ca = \"x\"")),
            "");
  EXPECT_NE(FaultsOf(Replaced("# calls_in_all = 1200", "calls_in_all = 0")), "");
  EXPECT_NE(FaultsOf(Replaced("trust_domain = \"kakunin.example\"",
                              "trust_domain = \"Kakunin/example\"")),
            "");
}

TEST(ConfigTest, NoTwoSectionsListenOnOnePort) {
  const auto collides = [](std::string_view from, std::string_view to) {
    return FaultsOf(Replaced(from, to)).find("which another section listens on") !=
           std::string::npos;
  };
  EXPECT_TRUE(collides("0.0.0.0:7444", "0.0.0.0:7443"));
  EXPECT_TRUE(collides("0.0.0.0:7444", "127.0.0.1:7443"));
  EXPECT_TRUE(collides("127.0.0.1:7445", "[::]:7443"));
  EXPECT_TRUE(collides("[admin]", "[admin]\naddress = \"127.0.0.1:7443\""));
  EXPECT_FALSE(collides("0.0.0.0:7444", "0.0.0.0:7447"));
  std::string apart = Replaced("0.0.0.0:7443", "10.0.0.1:7443");
  EXPECT_EQ(FaultsOf(apart.replace(apart.find("0.0.0.0:7444"), 12, "10.0.0.2:7443")), "");
}

TEST(ConfigTest, AKeyHasOnePurpose) {
  const std::string faults = FaultsOf(Replaced("secrets/audit.key", "secrets/lookup.key"));
  EXPECT_NE(faults.find("names the file of lookup"), std::string::npos) << faults;
}

TEST(ConfigTest, AnyPolicyIsNoCardPolicy) {
  std::string text(ExampleConfig());
  const size_t begin = text.find("\npolicies = [") + 1;
  text.replace(begin, text.find('\n', begin) - begin, "policies = [\"2.5.29.32.0\"]");
  EXPECT_NE(FaultsOf(text).find("holds anyPolicy"), std::string::npos) << FaultsOf(text);
}

TEST(ConfigTest, ProxyNeedsItsFingerprintAndTheOtherWayRound) {
  const std::string hex(64, 'a');
  const auto with = [](const std::string& keys) {
    return FaultsOf(Replaced("[insurer]", "[insurer]\n" + keys));
  };
  EXPECT_NE(with("behind_proxy = true"), "");
  EXPECT_NE(with("proxy_fingerprint = \"" + hex + "\""), "");
  EXPECT_NE(with("behind_proxy = true\nproxy_fingerprint = \"abcd\""), "");
  EXPECT_EQ(with("behind_proxy = true\nproxy_fingerprint = \"" + hex + "\""), "");

  const auto config = ParseConfig(
      Replaced("[insurer]",
               "[insurer]\nbehind_proxy = true\nproxy_fingerprint = \"AA:" + hex.substr(2) + "\""),
      "x.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->insurer->proxy_fingerprint[0], 0xaa);
}

TEST(ConfigTest, AnotherMachinesDatabaseNeedsEncryptionOutsideTheSandbox) {
  const std::string far = "host = \"db.example.org\"";
  EXPECT_NE(FaultsOf(Replaced("host = \"/var/run/postgresql\"", far)), "");
  EXPECT_EQ(FaultsOf(Replaced("host = \"/var/run/postgresql\"", far + "\nserver_ca = \"ca.pem\"")),
            "");
}

TEST(ConfigTest, AskingForHoldersNeedsTheRoleOfTheJobs) {
  const std::string asks = Replaced("[cards]", "[cards]\nresident_registry = \"residents.csv\"");
  EXPECT_EQ(FaultsOf(asks), "");
  std::string without = asks;
  without.erase(without.find("[jobs]"), 6);
  EXPECT_EQ(FaultsOf(without),
            "test.toml:" + std::to_string(LineOf(without, "resident_registry = \"residents")) +
                ": resident_registry in [cards] needs a section [jobs]: the links that come of it "
                "are written with its role");
}

TEST(ConfigTest, AListenerNeedsKeysAndAMigrationDoesNot) {
  const std::string database = "[environment]\nkind = \"staging\"\n[database]\nhost = \"/run\"\n";
  EXPECT_EQ(FaultsOf(database), "");
  const std::string faults = FaultsOf(
      database +
      "[operator]\naddress = \"127.0.0.1:1\"\nserver_certificate = \"a\"\nserver_key = \"b\"\n"
      "client_ca = \"c\"\n");
  EXPECT_NE(faults.find("section [keys] is missing"), std::string::npos) << faults;
  EXPECT_EQ(faults.find("[cards]"), std::string::npos) << faults;
}

TEST(ConfigTest, DaysThatAreNotRealAreRefused) {
  EXPECT_NE(FaultsOf(Replaced("[documents]", "[documents]\ncards_valid_through = \"x\"")), "");
  EXPECT_NE(
      FaultsOf(Replaced("[documents]", "[documents]\nexpired_cards_accepted_through = 2025-11-30")),
      "");
}

TEST(ConfigTest, ContactClosesAfterItOpens) {
  EXPECT_EQ(FaultsOf(Replaced("[contact]", "[contact]\nopens_hour = 16")), "");
  EXPECT_NE(FaultsOf(Replaced("[contact]", "[contact]\nopens_hour = 17")), "");
}

TEST(ConfigTest, ClosedDaysOfTheContactAreAListOfRealDays) {
  const auto with = [](const std::string& days) {
    return Replaced("[contact]", "[contact]\nclosed_days = " + days);
  };
  const auto config = ParseConfig(with("[2026-11-23, 2027-01-01]"), "test.toml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->contact.closed_days,
            (std::vector{absl::CivilDay(2026, 11, 23), absl::CivilDay(2027, 1, 1)}));
  const auto again = ParseConfig(PrintConfig(*config), "printed.toml");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->contact.closed_days, config->contact.closed_days);
  EXPECT_EQ(FaultsOf(with("[]")), "");

  const std::string quoted = with("[\"2026-11-23\"]");
  EXPECT_EQ(FaultsOf(quoted), "test.toml:" + std::to_string(LineOf(quoted, "closed_days")) +
                                  ": closed_days in [contact] must be a list of days without "
                                  "quotes, as [2026-01-01, 2026-01-12]");
  for (const char* wrong : {"2026-11-23", "[2026-11-23, 5]", "[2026-11-23T00:00:00]"}) {
    EXPECT_NE(FaultsOf(with(wrong)), "") << wrong;
  }
}

TEST(ConfigTest, MissingFileSaysWhatToDo) {
  const auto config = LoadConfig("/nowhere/kakunin.toml");
  EXPECT_EQ(config.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(config.status().message().find("config example"), absl::string_view::npos);
}

TEST(ConfigTest, EveryConfigurationUnderDeployLoads) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           std::filesystem::path(KAKUNIN_SOURCE_DIR) / "deploy")) {
    if (entry.path().extension() != ".toml") continue;
    const auto config = LoadConfig(entry.path());
    EXPECT_TRUE(config.ok()) << config.status();
  }
}

TEST(ConnectionStringTest, QuotesAndReadsThePasswordFile) {
  const std::filesystem::path file = testing::TempDir() + "/kakunin_password";
  std::ofstream(file) << "it's\\1\n";
  ASSERT_EQ(chmod(file.c_str(), 0600), 0);
  DatabaseConfig database{.host = "/run/p g", .server_ca = "/etc/ca.pem"};
  const auto text = ConnectionString(database, {"kakunin_job", file});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text,
            "host='/run/p g' port=5432 dbname='kakunin' user='kakunin_job' sslmode=verify-full "
            "sslrootcert='/etc/ca.pem' password='it\\'s\\\\1'");

  ASSERT_EQ(chmod(file.c_str(), 0644), 0);
  EXPECT_EQ(ConnectionString(database, {"kakunin_job", file}).status().code(),
            absl::StatusCode::kFailedPrecondition);
  std::filesystem::remove(file);
}

TEST(ClosestWordTest, FindsSlipsAndNothingElse) {
  const std::vector<std::string> words = {"lanes", "limits", "pool"};
  EXPECT_EQ(ClosestWord("lane", words), "lanes");
  EXPECT_EQ(ClosestWord("limtis", words), "limits");
  EXPECT_EQ(ClosestWord("polo", words), "pool");
  EXPECT_EQ(ClosestWord("colour", words), std::nullopt);
  EXPECT_EQ(ClosestWord(std::string(100'000, 'x'), words), std::nullopt);
}

// Coverages that are compared with nobody would be visible whoever they are about.
TEST(ConfigTest, WhoServesInsurersNamesTheResidentsOrIsASandboxThatSaysThatThereAreNone) {
  constexpr std::string_view kNamed = "resident_identities = \"jpki/resident_identities.csv\"";
  constexpr std::string_view kUnnamed = "# without_register = false";
  const std::string without = Replaced(kNamed, "");
  EXPECT_NE(FaultsOf(without).find("resident_identities in [feeds] is missing: with a section "
                                   "[insurer] name the file of the residents"),
            std::string::npos)
      << FaultsOf(without);
  // Nor without the section.
  std::string bare = without;
  bare.replace(bare.find("\n[feeds]\n"), 9, "\n");
  EXPECT_NE(FaultsOf(bare).find("resident_identities"), std::string::npos) << FaultsOf(bare);
  const auto says = [&](std::string text, bool sandbox) {
    text.replace(text.find(kUnnamed), kUnnamed.size(), "without_register = true");
    if (sandbox) text.replace(text.find("\"production\""), 12, "\"sandbox\"");
    return text;
  };
  EXPECT_NE(FaultsOf(says(without, false))
                .find("without_register in [feeds] is for kind = \"sandbox\" only"),
            std::string::npos)
      << FaultsOf(says(without, false));
  EXPECT_EQ(FaultsOf(says(without, true)), "");
  EXPECT_NE(FaultsOf(says(std::string(ExampleConfig()), true)).find("contradicts"),
            std::string::npos);
  // Whoever serves no insurers needs neither.
  std::string desk = without;
  const size_t begin = desk.find("\n[insurer]\n");
  desk.erase(begin, desk.find("\n[operator]\n") - begin);
  EXPECT_EQ(FaultsOf(desk), "");
}

}  // namespace
}  // namespace kakunin
