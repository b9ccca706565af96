#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/feed_kind.h"
#include "storage/postgres/coverage_publish.h"

namespace kakunin {

// CertificatePublish is what certificates do that are delivered by themselves: each coverage to
// which an accepted row belongs gets a new version with the certificates as they are then, so that
// whatever knows versions of coverages (answers, undo, explaining, notices, repairs) knows them,
// too.
class CertificatePublish final : public FeedContent {
 public:
  // `kind` is one of the three kinds of certificates; `build` outlives the object.
  CertificatePublish(FeedKind kind, const AnswerBuilder& build);

  const std::string& staging() const override { return staging_; }
  const std::vector<std::pair<const char*, std::string>>& words() const override { return words_; }
  void Judge(FeedPublish& publish) override;
  // Whoever has a coverage has an answer row.
  absl::Status WritePersons(FeedPublish&) override { return absl::OkStatus(); }
  absl::Status Write(FeedPublish& publish) override;
  absl::Status WriteUndone(FeedPublish& publish) override;

 private:
  void SetWord(std::string_view name, std::string text);

  const FeedKind kind_;
  const std::string staging_ = "kakunin.feed_certificate_row";
  CoveragePublish coverages_;
  std::vector<std::pair<const char*, std::string>> words_;
};

}  // namespace kakunin
