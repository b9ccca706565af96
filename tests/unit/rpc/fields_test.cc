#include "server/rpc/fields.h"

#include <gtest/gtest.h>

#include "auth/uuid.h"
#include "kakunin/v1/operations_service.pb.h"
#include "server/rpc/convert_date.h"

namespace kakunin {
namespace {

google::type::Date Date(int year, int month, int day) {
  google::type::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  return date;
}

TEST(Fields, CollectsEverythingAtOnce) {
  FieldErrors errors;
  EXPECT_TRUE(errors.ToStatus().ok());
  EXPECT_FALSE(RequiredDay(errors, "day", Date(2025, 2, 29)));
  EXPECT_FALSE(RequiredDay(errors, "birth_date", {}));
  EXPECT_FALSE(RequiredText(errors, "name", " 　", 10));
  const auto violations = ViolationsOf(errors.ToStatus());
  ASSERT_EQ(violations.size(), 3u);
  EXPECT_EQ(violations[0].field, "day");
  EXPECT_EQ(violations[1].description, kFieldMissing);
}

TEST(Fields, ReadsRealDaysOnly) {
  FieldErrors errors;
  EXPECT_EQ(RequiredDay(errors, "d", Date(2024, 2, 29)), absl::CivilDay(2024, 2, 29));
  EXPECT_FALSE(OptionalDay(errors, "d", {}));
  EXPECT_TRUE(errors.empty());
  for (const auto& wrong : {Date(2024, 2, 30), Date(2024, 0, 0), Date(2024, 13, 1), Date(0, 1, 1),
                            Date(-1, 1, 1), Date(1867, 12, 31)}) {
    FieldErrors own;
    EXPECT_FALSE(OptionalDay(own, "d", wrong));
    EXPECT_FALSE(own.empty());
  }
}

TEST(Fields, RefusesUnspecifiedAndUnknownChoices) {
  FieldErrors errors;
  EXPECT_EQ(RequiredEnum<int>(errors, "kind", v1::TERMINAL_KIND_MOBILE), 3);
  EXPECT_FALSE(OptionalEnum<int>(errors, "kind", v1::TERMINAL_KIND_UNSPECIFIED));
  EXPECT_TRUE(errors.empty());
  EXPECT_FALSE(RequiredEnum<int>(errors, "kind", v1::TERMINAL_KIND_UNSPECIFIED));
  EXPECT_FALSE(RequiredEnum<int>(errors, "kind", static_cast<v1::TerminalKind>(99)));
  EXPECT_EQ(errors.violations().size(), 2u);
}

TEST(Fields, ReadsUuidsInOneShapeOnly) {
  const std::string text = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const auto octets = ParseUuid(text);
  ASSERT_TRUE(octets);
  EXPECT_EQ(auth::UuidText(*octets), text);
  EXPECT_EQ(ParseUuid("0F8FAD5B-D9CB-469F-A165-70867728950E"), octets);
  for (const char* wrong :
       {"", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950",
        "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5bd-9cb-469f-a165-70867728950e",
        "00000000-0000-0000-0000-000000000000"}) {
    EXPECT_FALSE(ParseUuid(wrong)) << wrong;
  }
}

TEST(Fields, CountsCharactersNotOctets) {
  FieldErrors errors;
  EXPECT_TRUE(RequiredText(errors, "t", "𠮷野家", 3));
  EXPECT_FALSE(RequiredText(errors, "t", "𠮷野家x", 3));
  EXPECT_FALSE(OptionalText(errors, "t", "a\x01", 3));
  EXPECT_FALSE(OptionalText(errors, "t", "\xff", 3));
  EXPECT_TRUE(OptionalText(errors, "t", "", 3));
}

TEST(Fields, DigitsAreAsciiAndExactlyAsMany) {
  FieldErrors errors;
  EXPECT_TRUE(RequiredDigits(errors, "d", "0123456789", 10));
  EXPECT_FALSE(RequiredDigits(errors, "d", "012345678", 10));
  EXPECT_FALSE(RequiredDigits(errors, "d", "01234567890", 10));
  EXPECT_FALSE(RequiredDigits(errors, "d", "01234 6789", 10));
  EXPECT_FALSE(RequiredDigits(errors, "d", "", 10));
}

TEST(Fields, NamesElementsOfLists) {
  EXPECT_EQ(FieldAt("decisions", 2, "kind"), "decisions[2].kind");
  EXPECT_EQ(FieldAt("decisions", 0), "decisions[0]");
}

TEST(ConvertDate, InstantsKeepTheirMicroseconds) {
  for (const int64_t micros : {int64_t{0}, int64_t{1'800'000'000'123'456}, int64_t{-1}}) {
    const absl::Time instant = absl::FromUnixMicros(micros);
    const auto timestamp = TimeToProto(instant);
    EXPECT_GE(timestamp.nanos(), 0);
    EXPECT_EQ(TimeFromProto(timestamp), instant);
  }
}

}  // namespace
}  // namespace kakunin
