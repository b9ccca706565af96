#pragma once

#include <string>
#include <vector>

#include "domain/health_check.h"
#include "domain/receipt.h"
#include "server/clock.h"
#include "server/rpc/record_octets.h"
#include "tests/postgres/feed_driver.h"

namespace kakunin {

// PushedRecords delivers records of one person through the real feed store, as claims reviewers and
// insurers do. Each delivery is a feed of its own, published at the clock's time.
class PushedRecords {
 public:
  // The references outlive it.
  PushedRecords(const TestDatabase& database, const std::string& insurer, const Clock& clock,
                const IndividualNumberHash& person)
      : clock_(clock),
        person_(person),
        reviewer_(database, kReviewer, FeedKind::kReceipts, CopiesOfThisFormat()),
        insurer_(database, insurer, FeedKind::kHealthChecks, CopiesOfThisFormat()) {}

  // Push delivers `receipts`; it names them and their reviewer.
  void Push(std::vector<Receipt> receipts) {
    std::vector<StagedReceipt> rows;
    for (Receipt& receipt : receipts) {
      receipt.reviewer_number = kReviewer;
      receipt.reference = fmt::format("R{:04}", ++pushed_);
      rows.push_back({.individual = person_, .record = std::move(receipt)});
    }
    Publish(reviewer_, rows);
  }

  // Push delivers one examination.
  void Push(HealthCheck check) {
    check.reference = fmt::format("H{:04}", ++pushed_);
    Publish(insurer_,
            std::vector<StagedHealthCheck>{{.individual = person_, .record = std::move(check)}});
  }

 private:
  static constexpr char kReviewer[] = "113";

  template <class Row>
  void Publish(FeedDriver& driver, const std::vector<Row>& rows) {
    const auto published = driver.Publish(driver.Stage(++feeds_, rows), clock_.Now());
    ASSERT_TRUE(published.ok()) << published.status();
    ASSERT_EQ(published->counts.new_rows, static_cast<int64_t>(rows.size()));
  }

  const Clock& clock_;
  const IndividualNumberHash person_;
  FeedDriver reviewer_;
  FeedDriver insurer_;
  int64_t feeds_ = 0;
  int64_t pushed_ = 0;
};

// DrugReceipt claims one drug of `name` on the month's first day.
inline Receipt DrugReceipt(absl::CivilMonth month, const std::string& name,
                           DrugSource source = DrugSource::kReceipt) {
  Receipt receipt;
  receipt.treatment_month = month;
  receipt.source = source;
  receipt.kind = ReceiptKind::kDispensing;
  receipt.facility = {"1340000001", "見本薬局"};
  receipt.drug_days = {{absl::CivilDay(month), {}, {{.name = name}}}};
  return receipt;
}

// TreatmentReceipt claims one treatment, or one surgery, of `name`.
inline Receipt TreatmentReceipt(absl::CivilMonth month, const std::string& name, bool surgery) {
  Receipt receipt;
  receipt.treatment_month = month;
  receipt.facility = {"1310000001", "見本医院"};
  receipt.treatments = {{.name = name, .surgery = surgery}};
  return receipt;
}

}  // namespace kakunin
