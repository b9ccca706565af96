// The documents that repeat what the code says must say the same.
#include <absl/strings/ascii.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kakunin/v1/account_service.pb.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/card_link_service.pb.h"
#include "kakunin/v1/consent_service.pb.h"
#include "kakunin/v1/eligibility_service.pb.h"
#include "kakunin/v1/facility_settings_service.pb.h"
#include "kakunin/v1/insurer_feed_service.pb.h"
#include "kakunin/v1/operations_service.pb.h"
#include "kakunin/v1/reference_number_service.pb.h"
#include "tests/architecture/access_policy_document.h"
#include "tests/architecture/errors_document.h"
#include "tests/architecture/joining_document.h"
#include "tests/architecture/source_tree.h"

namespace kakunin::architecture {
namespace {

TEST(Documents, ErrorsAreTheTableOfReasons) {
  EXPECT_EQ(ReadText("docs/errors.md"), ErrorsDocument())
      << "run write_errors_document, built beside this test";
}

TEST(Documents, AccessPolicyIsTheTable) {
  EXPECT_EQ(ReadText("docs/access_policy.md"), AccessPolicyDocument())
      << "run write_access_policy_document, built beside this test";
}

TEST(Documents, JoiningHoldsTheTablesOfTheCode) {
  const std::string document = ReadText("docs/joining.md");
  EXPECT_EQ(document, WithJoiningSections(document))
      << "run write_joining_document, built beside this test";
}

// NamesOfApi is every name in our protos: messages, fields, enums, values, services, methods.
std::set<std::string> NamesOfApi() {
  std::set<std::string> names;
  const google::protobuf::FileDescriptor* const files[] = {
      v1::CoverageRow::descriptor()->file(),
      v1::ConfirmByCardRequest::descriptor()->file(),
      v1::CardLink::descriptor()->file(),
      v1::Terminal::descriptor()->file(),
      v1::Coverage::descriptor()->file(),
      v1::BulkInquiry::descriptor()->file(),
      v1::ReferenceNumberChange::descriptor()->file(),
      v1::Account::descriptor()->file(),
      v1::Consent::descriptor()->file(),
      v1::FacilitySettings::descriptor()->file()};
  for (const auto* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) {
      const auto* message = file->message_type(i);
      names.insert(message->name());
      for (int f = 0; f < message->field_count(); ++f) names.insert(message->field(f)->name());
    }
    for (int i = 0; i < file->enum_type_count(); ++i) {
      const auto* type = file->enum_type(i);
      names.insert(type->name());
      for (int v = 0; v < type->value_count(); ++v) names.insert(type->value(v)->name());
    }
    for (int i = 0; i < file->service_count(); ++i) {
      const auto* service = file->service(i);
      names.insert(service->name());
      for (int m = 0; m < service->method_count(); ++m) names.insert(service->method(m)->name());
    }
  }
  return names;
}

TEST(Documents, GlossaryNamesOnlyWhatTheApiOrTheCodeHas) {
  const std::string glossary = ReadText("docs/glossary.md");
  ASSERT_FALSE(glossary.empty());
  std::string code;
  for (const SourceFile& file : ReadTree({".h"})) {
    for (const std::string& line : file.lines) code += line + "\n";
  }
  const std::set<std::string> api = NamesOfApi();
  // A row is | Japanese term | `identifier` | meaning | source |.
  static const std::regex kRow(R"(^\|[^|]+\|\s*`([A-Za-z0-9_]+)`)");
  int rows = 0;
  size_t begin = 0;
  while (begin < glossary.size()) {
    const size_t end = std::min(glossary.find('\n', begin), glossary.size());
    const std::string line = glossary.substr(begin, end - begin);
    begin = end + 1;
    std::smatch match;
    if (!std::regex_search(line, match, kRow)) continue;
    ++rows;
    EXPECT_TRUE(api.contains(match[1]) || code.find(match[1]) != std::string::npos) << match[1];
  }
  EXPECT_GT(rows, 20);
}

// WordsOf is every word of the code: names are told apart from parts of longer ones.
std::set<std::string> WordsOf(const std::vector<SourceFile>& files) {
  std::set<std::string> words;
  for (const SourceFile& file : files) {
    for (const std::string& line : file.lines) {
      std::string word;
      for (const char c : line + " ") {
        if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
          word += c;
        } else if (!word.empty()) {
          words.insert(std::move(word));
          word.clear();
        }
      }
    }
  }
  return words;
}

TEST(Documents, TheLifeOfARequestNamesOnlyWhatThereIs) {
  const std::string text = ReadText("docs/life_of_a_request.md");
  const std::set<std::string> words = WordsOf(ReadTree({".h", ".cc", ".proto"}));
  // The last name of `Lane::RunBatch` or `auth::VerifyCard`. Reasons are written in capitals.
  static const std::regex kName(R"(`(?:\w+::)*([A-Z]+[a-z]\w*)`)");
  int names = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), kName), end; at != end; ++at, ++names) {
    EXPECT_TRUE(words.contains((*at)[1])) << (*at)[1];
  }
  EXPECT_GT(names, 40);
}

TEST(Documents, ArchitectureNamesEveryMigration) {
  const std::string text = ReadText("docs/architecture.md");
  int migrations = 0;
  for (const SourceFile& file : ReadTree({".sql"})) {
    const size_t folder = file.path.find("storage/migrations/");
    if (folder == std::string::npos) continue;
    ++migrations;
    const std::string number = file.path.substr(folder + 19, 4);
    EXPECT_TRUE(std::regex_search(text, std::regex("\\b" + number + "\\s"))) << file.path;
  }
  EXPECT_GE(migrations, 39);
}

}  // namespace
}  // namespace kakunin::architecture
