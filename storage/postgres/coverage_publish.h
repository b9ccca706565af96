#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/feed_publish.h"

namespace kakunin {

// CoveragePublish is what coverages do: the truth, the look-ups by what is on a card, and the
// answer row of every person whom they touch.
class CoveragePublish final : public FeedContent {
 public:
  // `build` outlives the object.
  explicit CoveragePublish(const AnswerBuilder& build);

  const std::string& staging() const override { return staging_; }
  const std::vector<std::pair<const char*, std::string>>& words() const override { return words_; }
  void Judge(FeedPublish& publish) override;
  void NoteFindings(FeedPublish& publish) override;
  // A new person's answer row is written with the others.
  absl::Status WritePersons(FeedPublish&) override { return absl::OkStatus(); }
  absl::Status Write(FeedPublish& publish) override;
  absl::Status WriteUndone(FeedPublish& publish) override;

  // WriteCopies writes the answer rows of everybody of whom `publishing` changes a coverage, and
  // leaves the change to be looked through for notices.
  absl::Status WriteCopies(FeedPublish& publish);

 private:
  absl::Status WriteAnswersOf(FeedPublish& publish, std::string_view persons_sql);

  const AnswerBuilder& build_;
  const std::string staging_ = "kakunin.feed_coverage_row";
  std::vector<std::pair<const char*, std::string>> words_;
};

}  // namespace kakunin
