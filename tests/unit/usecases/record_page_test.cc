#include "server/usecases/record_page.h"

#include <gtest/gtest.h>

#include <string>

#include "auth/hash_function.h"
#include "domain/receipt.h"

namespace kakunin {
namespace {

constexpr absl::CivilMonth kMonth(2026, 3);

// Months holds stored months and the octets behind them.
class Months {
 public:
  // One entry of each size, of the sources given (receipts where none are).
  void Add(absl::CivilMonth month, RecordKind kind, const std::vector<size_t>& sizes,
           const std::vector<DrugSource>& sources = {}) {
    std::vector<std::string> bodies;
    for (size_t i = 0; i < sizes.size(); ++i) {
      bodies.push_back(std::string(sizes[i], static_cast<char>('a' + i)));
    }
    std::vector<RecordEntry> entries;
    for (size_t i = 0; i < sizes.size(); ++i) {
      entries.push_back({static_cast<int>(i < sources.size() ? sources[i] : DrugSource::kReceipt),
                         bodies[i], "F"});
    }
    octets_.push_back(std::make_unique<std::string>(EncodeMonthRecord(entries, auth::kSha256)));
    stored_.push_back({.kind = kind,
                       .month = month,
                       .format = kMonthRecordFormat,
                       .arrived = absl::FromUnixSeconds(1'700'000'000 + month.month()),
                       .octets = *octets_.back()});
  }

  std::vector<StoredMonth>& stored() { return stored_; }

 private:
  std::vector<std::unique_ptr<std::string>> octets_;
  std::vector<StoredMonth> stored_;
};

std::vector<size_t> SizesOf(const RecordPage& page) {
  std::vector<size_t> sizes;
  for (const RecordEntry& entry : page.entries) sizes.push_back(entry.body.size());
  return sizes;
}

TEST(CutPage, HoldsEverythingThatFits) {
  Months months;
  months.Add(kMonth, RecordKind::kDrug, {10, 20});
  months.Add(kMonth - 1, RecordKind::kDrug, {30});
  const auto page = CutPage(months.stored(), {});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(SizesOf(*page), (std::vector<size_t>{10, 20, 30}));
  EXPECT_EQ(page->entries[0].facilities, "F");
  EXPECT_FALSE(page->next);
  EXPECT_EQ(page->latest_arrival, months.stored()[0].arrived);
}

TEST(CutPage, CutsWithinAMonthAndGoesOnWhereItEnded) {
  Months months;
  const size_t third = kMostRecordOctets / 3;
  months.Add(kMonth, RecordKind::kDrug, {third, third, third, third, 7});
  months.Add(kMonth - 1, RecordKind::kDrug, {8});
  const auto first = CutPage(months.stored(), {});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(SizesOf(*first), (std::vector<size_t>{third, third}));
  EXPECT_EQ(first->next, (RecordPlace{kMonth, RecordKind::kDrug, 2}));
  const auto second = CutPage(months.stored(), {.from = first->next});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(SizesOf(*second), (std::vector<size_t>{third, third, 7, 8}));
  EXPECT_FALSE(second->next);
}

TEST(CutPage, ARecordThatIsLargerThanAPageStandsAlone) {
  Months months;
  months.Add(kMonth, RecordKind::kDrug, {kMostRecordOctets + 1, 5});
  const auto first = CutPage(months.stored(), {});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(SizesOf(*first), (std::vector<size_t>{kMostRecordOctets + 1}));
  EXPECT_EQ(first->next, (RecordPlace{kMonth, RecordKind::kDrug, 1}));
}

TEST(CutPage, FillsAPageToTheLastOctetAndNotOneMore) {
  constexpr size_t kHead = 5 + 1;  // a field's head and the facilities "F"
  const size_t half = kMostRecordOctets / 2 - kHead;
  for (const size_t more : {size_t{0}, size_t{1}}) {
    Months months;
    months.Add(kMonth, RecordKind::kDrug, {half, half + more});
    const auto page = CutPage(months.stored(), {});
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->entries.size(), 2 - more);
    EXPECT_EQ(page->next.has_value(), more > 0);
  }
}

TEST(CutPage, LeavesOutTwinsAndFacilitiesAndCountsNeither) {
  Months months;
  months.Add(kMonth, RecordKind::kDrug, {10, kMostRecordOctets, 30},
             {DrugSource::kReceipt, DrugSource::kDispensing, DrugSource::kReceipt});
  const auto page = CutPage(months.stored(), {.receipts_only = true, .hide_facilities = true});
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(SizesOf(*page), (std::vector<size_t>{10, 30}));
  EXPECT_EQ(page->entries[0].facilities, "");
  EXPECT_FALSE(page->next);
}

TEST(CutPage, LeavesOutWhatHasHadItsTimeAndCountsItsPlaceOnly) {
  Months months;
  months.Add(kMonth, RecordKind::kDrug, {kMostRecordOctets, 10, kMostRecordOctets, 30},
             {DrugSource::kPrescription, DrugSource::kReceipt, DrugSource::kPrescription});
  months.Add(kMonth - 1, RecordKind::kTreatment, {40});
  for (const int days : {100, 101}) {
    const FirstDaysKept kept(absl::CivilDay(kMonth + 1) - 1 + days, {});
    const auto page = CutPage(months.stored(), {.kept = &kept});
    ASSERT_TRUE(page.ok());
    if (days == 101) {
      EXPECT_EQ(SizesOf(*page), (std::vector<size_t>{10, 30, 40}));
      EXPECT_FALSE(page->next);
    } else {
      // A place counts what is stored, so that it stays right while entries have their time.
      EXPECT_EQ(page->next, (RecordPlace{kMonth, RecordKind::kDrug, 1}));
    }
  }
}

TEST(CutPage, AnotherFormatOrBrokenOctetsAreAnError) {
  Months months;
  months.Add(kMonth, RecordKind::kDrug, {10});
  months.stored()[0].octets.remove_suffix(1);
  EXPECT_FALSE(CutPage(months.stored(), {}).ok());
  Months older;
  older.Add(kMonth, RecordKind::kDrug, {10});
  older.stored()[0].format = kMonthRecordFormat - 1;
  EXPECT_FALSE(CutPage(older.stored(), {}).ok());
}

TEST(NewestFirst, SortsByMonthAndThenByKind) {
  Months months;
  months.Add(kMonth - 1, RecordKind::kTreatment, {1});
  months.Add(kMonth, RecordKind::kSurgery, {2});
  months.Add(kMonth, RecordKind::kTreatment, {3});
  NewestFirst(months.stored());
  const auto page = CutPage(months.stored(), {});
  EXPECT_EQ(SizesOf(*page), (std::vector<size_t>{3, 2, 1}));
}

TEST(PlaceAfter, IsThereOnlyWhenTheStoreMayHaveStopped) {
  const RecordKinds both{static_cast<int>(RecordKind::kTreatment),
                         static_cast<int>(RecordKind::kSurgery)};
  Months months;
  months.Add(kMonth, RecordKind::kTreatment, {100});
  EXPECT_FALSE(PlaceAfter(months.stored(), both, kMonth - 9));
  months.Add(kMonth - 1, RecordKind::kTreatment, {kMostRecordOctets});
  EXPECT_EQ(PlaceAfter(months.stored(), both, kMonth - 9),
            (RecordPlace{kMonth - 1, RecordKind::kSurgery}));
  months.Add(kMonth - 1, RecordKind::kSurgery, {1});
  EXPECT_EQ(PlaceAfter(months.stored(), both, kMonth - 9),
            (RecordPlace{kMonth - 2, RecordKind::kTreatment}));
  EXPECT_FALSE(PlaceAfter(months.stored(), both, kMonth - 1));
  EXPECT_FALSE(PlaceAfter({}, both, kMonth));
}

}  // namespace
}  // namespace kakunin
