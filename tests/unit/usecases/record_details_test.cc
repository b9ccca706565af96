#include "server/usecases/record_details.h"

#include <gtest/gtest.h>

namespace kakunin {
namespace {

const absl::Time kBegin = absl::FromUnixMicros(1'795'158'015'000'001);
constexpr absl::CivilDay kBooking(2026, 11, 19);
constexpr char kBefore[] = "kinds:1=SHOWN;5=NO_CONSENT;months:2026-01..2026-11";

TEST(RecordDetails, ReadsBackWhatItWroteBehindEverythingElse) {
  const std::vector<ConsentMark> marks = {
      {.kind = RecordKind::kDrug, .begin = kBegin, .booking = kBooking},
      {.kind = RecordKind::kLimitCertificate, .begin = kBegin - absl::Hours(1)}};
  Terminal terminal;
  terminal.kind = TerminalKind::kRestricted;
  terminal.facility_type = FacilityType::kHomeNursing;
  const std::string details = kBefore + MarksText(marks) + TerminalText(terminal);
  EXPECT_EQ(details, std::string(kBefore) +
                         ";consents:1@1795158015000001@2026-11-19,5@1795154415000001;terminal:4@5");
  EXPECT_EQ(ReadMarks(details), marks);
  const auto kept = ReadTerminal(details);
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->kind, TerminalKind::kRestricted);
  EXPECT_EQ(kept->facility_type, FacilityType::kHomeNursing);
}

TEST(RecordDetails, TellsNoConsentFromNoneKept) {
  EXPECT_EQ(ReadMarks(kBefore + MarksText({})), std::vector<ConsentMark>());
  EXPECT_EQ(ReadMarks(kBefore), std::nullopt);
  EXPECT_FALSE(ReadTerminal(kBefore));
}

TEST(RecordDetails, ReadsNothingFromWhatIsNone) {
  for (const char* text : {"1", "x@1", "0@1", "99@1", "1@", "1@x", "1@1@", "1@1@2026-13-01", "1@1,",
                           "1@1@2026-11-19@"}) {
    const auto marks = ReadMarks(std::string(";consents:") + text);
    const bool trailing = std::string_view(text) == "1@1@" || std::string_view(text) == "1@1,";
    EXPECT_EQ(marks.has_value(), trailing) << text;
  }
  for (const char* text : {"", "1", "x@1", "1@x", "1@1@1"}) {
    EXPECT_FALSE(ReadTerminal(std::string(";terminal:") + text)) << text;
  }
}

}  // namespace
}  // namespace kakunin
