#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "domain/feed_risk.h"
#include "storage/feed_store.h"
#include "storage/postgres/feed_publish.h"

namespace kakunin {

// CardLinkPublish is what delivered card links do: they are put as an operator's are
// (PutCardLinks), and what each changed is kept in card_link_change, so that the delivery can be
// undone. A link whose card is somebody else's by what is known is refused and opens a case; it is
// never led to another person here.
class CardLinkPublish final : public FeedContent {
 public:
  // `build` outlives the object.
  explicit CardLinkPublish(const AnswerBuilder& build);

  const std::string& staging() const override { return staging_; }
  const std::vector<std::pair<const char*, std::string>>& words() const override { return words_; }
  void Judge(FeedPublish& publish) override;
  void AddFigures(FeedPublish& publish, FeedFigures& figures) override;
  absl::Status WritePersons(FeedPublish& publish) override;
  absl::Status Write(FeedPublish& publish) override;
  // Undo takes links back by what card_link_change says, and not by known periods, which links have
  // none of (UndoCardLinks).
  absl::Status WriteUndone(FeedPublish&) override { return absl::OkStatus(); }

 private:
  const AnswerBuilder& answer_;
  const std::string staging_ = "kakunin.feed_card_link_row";
  std::vector<std::pair<const char*, std::string>> words_;
};

// UndoCardLinks takes back what one published delivery of card links did, as UndoFeed does: links
// that it made are gone, what it superseded is in force again. A link counts as touched later when
// it is not as the delivery left it, also when a repair of who is who has led it to another person,
// when a later delivery that stands names it, or when another link is superseded by it since.
// Returns what FeedStore::Undo does; throws what libpqxx throws.
absl::StatusOr<FeedUndone> UndoCardLinks(FeedPublish& publish, UndoMode mode);

}  // namespace kakunin
