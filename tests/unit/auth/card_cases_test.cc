// The cases of tests/card_cases: a directory each, a verdict for every instant its expect.json
// names. A new case needs a new directory and no C++.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "auth/card_verifier.h"
#include "auth/crl_loader.h"
#include "auth/encoding.h"
#include "tests/unit/auth/card_pki.h"

namespace kakunin::auth {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kSource = KAKUNIN_SOURCE_DIR;
const fs::path kCases = kSource / "tests/card_cases";
constexpr int kRows = 54;  // of jpki.md section 6

std::string ContentOf(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

// CaseNames is every directory but those that are no case: keys, and what all cases share.
std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCases)) {
    const std::string name = entry.path().filename();
    if (entry.is_directory() && name != "keys" && name != "shared" && name != "__pycache__") {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

void OnlyMembers(const Json& object, const std::set<std::string>& known) {
  ASSERT_TRUE(object.is_object()) << object;
  for (const auto& member : object.items()) {
    EXPECT_TRUE(known.contains(member.key())) << "unknown member " << member.key();
  }
}

// TestsOfTheTree is every "Suite.Test" that the source of the tests defines.
const std::set<std::string>& TestsOfTheTree() {
  static const auto* const tests = [] {
    auto* found = new std::set<std::string>;
    static const std::regex kTest(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\))");
    for (const auto& entry : fs::recursive_directory_iterator(kSource / "tests")) {
      if (entry.path().extension() != ".cc") continue;
      const std::string text = ContentOf(entry.path());
      for (std::sregex_iterator it(text.begin(), text.end(), kTest), end; it != end; ++it) {
        found->insert((*it)[1].str() + "." + (*it)[2].str());
      }
    }
    return found;
  }();
  return *tests;
}

// ExpectTold compares what a load said about its files with the texts that a case expects in it.
void ExpectTold(const std::vector<CrlLoadReport::Entry>& told, const Json& expected) {
  EXPECT_EQ(told.size(), expected.size());
  for (const CrlLoadReport::Entry& entry : told) {
    ASSERT_TRUE(expected.contains(entry.file)) << entry.file << ": " << entry.text;
    EXPECT_THAT(entry.text, testing::HasSubstr(expected[entry.file].get<std::string>()));
  }
}

class CardCase : public testing::TestWithParam<std::string> {
 protected:
  // PathOf is the file or directory of the case, or the shared one that stands in for it.
  static fs::path PathOf(const std::string& name) {
    const fs::path own = kCases / GetParam() / name;
    return fs::exists(own) ? own : kCases / "shared" / name;
  }

  static std::string Certificate() {
    const fs::path der = kCases / GetParam() / "certificate.der";
    if (fs::exists(der)) return ContentOf(der);
    return PemDecode("CERTIFICATE", ContentOf(PathOf("certificate.pem"))).value();
  }

  static absl::StatusOr<std::shared_ptr<const TrustStore>> Roots() {
    std::map<std::string, std::string> ders;  // the case's own in place of the shared of one name
    for (const fs::path& folder : {kCases / "shared/roots", PathOf("roots")}) {
      for (const auto& entry : fs::directory_iterator(folder)) {
        ders[entry.path().filename()] = PemDecode("CERTIFICATE", ContentOf(entry.path())).value();
      }
    }
    std::vector<std::string> roots;
    for (const auto& [name, der] : ders) roots.push_back(der);
    return TrustStore::Create(Hierarchy::kUserAuthentication, roots);
  }

  // Load loads the directories of CRLs one after the other, each at its own instant or at `now`.
  static std::shared_ptr<const RevocationSnapshot> Load(const Json& loads, const TrustStore& roots,
                                                        absl::Time now) {
    auto snapshot = std::make_shared<const RevocationSnapshot>();
    for (const Json& load : loads) {
      OnlyMembers(load, {"directory", "time", "refused", "alarms"});
      const absl::Time at = load.contains("time") ? At(load["time"].get<std::string>()) : now;
      const CrlLoadResult result =
          LoadCrls(PathOf(load.at("directory").get<std::string>()), roots, snapshot.get(), at);
      ExpectTold(result.report.refused, load.value("refused", Json::object()));
      ExpectTold(result.report.alarms, load.value("alarms", Json::object()));
      snapshot = result.snapshot;
    }
    return snapshot;
  }

  static void ExpectVerdict(const Json& expected, const TrustStore& roots, const Json& loads) {
    OnlyMembers(expected, {"time", "medium", "verdict", "reason", "expires_soon", "note"});
    const std::string medium = expected.at("medium");
    ASSERT_TRUE(medium == "card" || medium == "phone") << medium;
    const absl::Time now = At(expected.at("time").get<std::string>());
    const std::string signature =
        PemDecode("CHALLENGE SIGNATURE", ContentOf(PathOf("signature.pem"))).value();
    const CardVerdict verdict =
        VerifyCard(AsBytes(Certificate()), AsBytes(signature), ContentOf(PathOf("to_be_signed")),
                   roots, *Load(loads, roots, now), DefaultCardPolicy(), now,
                   medium == "card" ? Medium::kCard : Medium::kPhone);
    EXPECT_EQ(VerdictKindName(verdict.kind), expected.at("verdict").get<std::string>()) << expected;
    EXPECT_EQ(CardReasonName(verdict.reason), expected.at("reason").get<std::string>()) << expected;
    if (expected.contains("expires_soon")) {
      EXPECT_EQ(verdict.expires_within_three_months, expected["expires_soon"].get<bool>())
          << expected;
    }
  }

  static void ExpectVerdicts(const Json& expect) {
    const auto roots = Roots();
    ASSERT_TRUE(roots.ok()) << roots.status();
    const Json loads = expect.value("loads", Json::array({{{"directory", "crls"}}}));
    ASSERT_FALSE(expect["verdicts"].empty());
    for (const Json& expected : expect["verdicts"]) ExpectVerdict(expected, **roots, loads);
  }
};

TEST_P(CardCase, IsAsExpected) {
  const Json expect = Json::parse(ContentOf(kCases / GetParam() / "expect.json"));
  OnlyMembers(expect, {"input", "loads", "verdicts", "roots_refused", "covered_by", "not_built"});
  EXPECT_TRUE(expect.at("input").get<std::string>().starts_with(
      "Row " + std::to_string(std::stoi(GetParam())) + ": "));
  ASSERT_EQ(expect.contains("verdicts") + expect.contains("roots_refused") +
                expect.contains("covered_by") + expect.contains("not_built"),
            1);
  if (expect.contains("verdicts")) return ExpectVerdicts(expect);
  if (expect.contains("roots_refused")) {
    EXPECT_THAT(std::string(Roots().status().message()),
                testing::HasSubstr(expect["roots_refused"].get<std::string>()));
  } else if (expect.contains("covered_by")) {
    EXPECT_FALSE(expect["covered_by"].empty());
    for (const Json& test : expect["covered_by"]) {
      EXPECT_TRUE(TestsOfTheTree().contains(test.get<std::string>())) << test;
    }
  } else {
    EXPECT_EQ(std::stoi(GetParam()), 48) << "only OCSP is left out";
  }
}

INSTANTIATE_TEST_SUITE_P(All, CardCase, testing::ValuesIn(CaseNames()),
                         [](const auto& info) { return info.param; });

TEST(CardCases, CoverEveryRowAndStandInTheTable) {
  const std::string document = ContentOf(kSource / "docs/card_verification.md");
  const std::vector<std::string> names = CaseNames();
  std::set<int> rows;
  for (const std::string& name : names) {
    EXPECT_TRUE(std::regex_match(name, std::regex("[0-9]{2}_[a-z0-9_]+"))) << name;
    EXPECT_TRUE(fs::exists(kCases / name / "expect.json")) << name;
    EXPECT_THAT(document, testing::HasSubstr("`" + name + "`"));
    rows.insert(std::stoi(name));
  }
  for (int row = 1; row <= kRows; ++row) EXPECT_TRUE(rows.contains(row)) << row;
  // And nothing stands there that is no case.
  static const std::regex kCase("`([0-9]{2}_[a-z0-9_]+)`");
  for (std::sregex_iterator it(document.begin(), document.end(), kCase), end; it != end; ++it) {
    EXPECT_TRUE(std::ranges::binary_search(names, (*it)[1].str())) << (*it)[1];
  }
}

}  // namespace
}  // namespace kakunin::auth
