#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/subsidy_schedule.h"

namespace kakunin {

// JoiningPaper is what a facility hands in.
enum class JoiningPaper {
  kAccountRegistration = 1,
  kReaderOrder,
  kUseApplication,
  kCertificateApplication,
  kServiceAddition,
  kClosure,
  kSuccession,
  kSubsidyOutpatient,  // S1, S2
  kSubsidyOnlineCare,  // S3
  kSubsidyHomeVisits,  // S6
  kSubsidyRestricted,  // S4
};
inline constexpr int kJoiningPapers = 11;

// RequiredDocument is one row of the checklist of a paper.
struct RequiredDocument {
  JoiningPaper paper;
  std::string_view key;   // stable, for machines
  std::string_view name;  // ja-JP
  bool attached;          // a document to attach; else something to have at hand or to have done
  std::string_view source;
};

// RequiredDocuments is the checklist of `paper`; empty when no source asks for anything
// (IsChecklistStated tells whether one says so).
std::vector<RequiredDocument> RequiredDocuments(JoiningPaper paper);

// AllRequiredDocuments is the whole table, by paper.
std::span<const RequiredDocument> AllRequiredDocuments();

// IsChecklistStated tells whether a source document states what `paper` needs. If not, an empty
// checklist means "not stated" and never "nothing".
bool IsChecklistStated(JoiningPaper paper);

// PaperOf is the paper of a subsidy.
JoiningPaper PaperOf(SubsidyMeasure measure);

// NameOf is the paper's name in Japanese.
std::string_view NameOf(JoiningPaper paper);

// MissingDocuments is what of the paper's attachments is not among `attached` (keys).
std::vector<RequiredDocument> MissingDocuments(JoiningPaper paper,
                                               const std::vector<std::string>& attached);

}  // namespace kakunin
