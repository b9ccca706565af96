#include "server/commands/enum_option.h"

#include <gtest/gtest.h>

#include "kakunin/v1/eligibility_service.pb.h"

namespace kakunin {
namespace {

TEST(EnumNamesTest, AreTheApisWordsWithoutUnspecified) {
  const std::map<std::string, int> expected = {
      {"face", 1}, {"pin", 2}, {"visual", 3}, {"phone", 4}};
  EXPECT_EQ(EnumNames<v1::HolderVerification>("HOLDER_VERIFICATION_"), expected);
  EXPECT_EQ(EnumNames<v1::DocumentShown>("DOCUMENT_SHOWN_").at("eligibility-notice-with-card"),
            v1::DOCUMENT_SHOWN_ELIGIBILITY_NOTICE_WITH_CARD);
}

TEST(AddEnumOptionTest, TakesItsWordsAndRefusesOthers) {
  CLI::App app("test");
  int number = 0;
  AddEnumOption<v1::HolderVerification>(app, "--how", number, "HOLDER_VERIFICATION_", "How");
  app.parse("--how phone");
  EXPECT_EQ(number, v1::HOLDER_VERIFICATION_PHONE);
  EXPECT_THROW(app.parse("--how telepathy"), CLI::ParseError);
}

}  // namespace
}  // namespace kakunin
