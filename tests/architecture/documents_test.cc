// The documents that repeat what the code says must say the same.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>

#include "kakunin/v1/account_service.pb.h"
#include "kakunin/v1/bulk_service.pb.h"
#include "kakunin/v1/card_link_service.pb.h"
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

}  // namespace
}  // namespace kakunin::architecture
