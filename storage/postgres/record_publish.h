#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/feed_publish.h"
#include "storage/postgres/month_records.h"

namespace kakunin {

// RecordPublish is what records do, receipts and health checks alike: their tables have the same
// columns but for the content. The truth, and the month record of every person and month that they
// touch. A row about an unknown individual number makes a new person with an empty answer row.
class RecordPublish final : public FeedContent {
 public:
  // WriteMonths rewrites the month records of a kind (month_records.h).
  using WriteMonths = std::function<absl::Status(pqxx::transaction_base&,
                                                 std::span<const PersonMonth>, bool may_shrink)>;

  // `table` is "receipt" or "health_check", `columns` its content; `answer` outlives the object.
  RecordPublish(const std::string& table, const std::string& columns, const AnswerBuilder& answer,
                WriteMonths write_months);

  const std::string& staging() const override { return staging_; }
  const std::vector<std::pair<const char*, std::string>>& words() const override { return words_; }
  void Judge(FeedPublish& publish) override;
  absl::Status WritePersons(FeedPublish& publish) override;
  absl::Status Write(FeedPublish& publish) override;
  absl::Status WriteUndone(FeedPublish& publish) override;

 private:
  absl::Status WriteMonthsOf(FeedPublish& publish, std::string_view months_sql, bool may_shrink);

  const AnswerBuilder& answer_;
  const WriteMonths write_months_;
  const std::string staging_;
  const std::vector<std::pair<const char*, std::string>> words_;
};

}  // namespace kakunin
