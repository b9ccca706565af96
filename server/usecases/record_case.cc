#include "server/usecases/record_case.h"

#include <algorithm>
#include <map>

#include "domain/eligibility.h"
#include "server/usecases/batch_write.h"

namespace kakunin {
namespace {

std::optional<RecordKind> CertificateKindOf(PieceKind piece) {
  switch (piece) {
    case PieceKind::kLimitCertificate:
      return RecordKind::kLimitCertificate;
    case PieceKind::kSpecificDiseaseCertificate:
      return RecordKind::kSpecificDiseaseCertificate;
    default:
      return std::nullopt;
  }
}

}  // namespace

absl::CivilMonth FirstMonthOf(RecordKind kind) {
  const auto& data_from = FactsOf(kind).data_from;
  return data_from ? absl::CivilMonth(*data_from) : absl::CivilMonth();
}

RecordDecision ReadRecords::Case::DecideKind(RecordKind kind,
                                             const auth::RevocationSnapshot* revocations,
                                             const RecordRules& rules, absl::Time now,
                                             std::vector<ConsentMark>& marks) const {
  RecordCall call{.terminal = inquiry->terminal,
                  .operation = inquiry->operation,
                  .kind = kind,
                  .form_of_care = inquiry->form_of_care,
                  .situation = situation(),
                  .at = now,
                  .persons_found = static_cast<int>(persons.size()),
                  .policy = policy(),
                  .view_end = view ? view->end : now};
  if (question.kinds.first <= question.kinds.last) {
    call.asked_through = absl::CivilDay(inquiry->through_month + 1) - 1;
  }
  const auto consent = ConsentFor(kind);
  if (person() == nullptr || !consent) return DecideRecordAccess(call, {}, rules.certificates);

  call.confirmed_for_eligibility_only = LatestActWasInGrace(person()->acts);
  call.identity_in_question = person()->in_question;
  if (view) return DecideRecordAccess(call, {}, rules.certificates);
  const ConsentFile file(*person());
  const auto evidence = file.Evidence({.person = person()->person,
                                       .facility_code = inquiry->terminal->facility_code,
                                       .form_of_care = inquiry->form_of_care,
                                       .appointment_day = inquiry->appointment_day},
                                      *consent, revocations, rules, now);
  RecordDecision decision = DecideRecordAccess(call, evidence, rules.certificates);
  if (const ConsentAct* const act = decision.consent.act) {
    marks.push_back({.kind = kind, .begin = act->begin, .booking = act->appointment_day});
  }
  decision.consent.act = nullptr;  // it views into `file`
  return decision;
}

// Takes out of what was read what is not shown; returns where a later page ends that the store cut.
std::optional<RecordPlace> ReadRecords::Case::KeepShownMonths() {
  std::vector<StoredMonth>& months = persons.front().months;
  NewestFirst(months);
  std::optional<RecordPlace> rest;
  // Of the octets as they are stored: those the store added up.
  if (inquiry->page) rest = PlaceAfter(months, question.kinds, question.from_month);
  std::erase_if(months, [&](const StoredMonth& stored) {
    return !result.Shows(stored.kind) || stored.month < FirstMonthOf(stored.kind);
  });
  return rest;
}

absl::Status ReadRecords::Case::CollectPage(const Source& source) {
  const Protection& protection = person()->protection;
  auto page = CutPage(person()->months, {.from = inquiry->page,
                                         .kept = &source.kept,
                                         .receipts_only = inquiry->receipts_only,
                                         .hide_facilities = protection.hide_facility_names});
  if (!page.ok()) return page.status();
  result.page = *std::move(page);
  const bool checks = inquiry->operation == Operation::kGetHealthChecks;
  return checks && protection.hide_address ? HideRegistrars(source) : absl::OkStatus();
}

// Who registered a check-up tells where many patients live. It is taken out of each answer and not
// stored apart: few are protected, and the others' checks are spliced in as they are.
absl::Status ReadRecords::Case::HideRegistrars(const Source& source) {
  std::vector<std::string> bodies;
  std::vector<RecordEntry> entries = result.page.entries;
  bodies.reserve(entries.size());
  for (RecordEntry& entry : entries) {
    std::optional<std::string> body = source.octets.check_without_registrar(entry.body);
    if (!body) return MakeError(Reason::kInternal);
    entry.body = bodies.emplace_back(*std::move(body));
  }
  // Encoded anew, for the digests are to be of what is sent.
  result.rebuilt.push_back(
      std::make_shared<const std::string>(EncodeMonthRecord(entries, source.hash)));
  const auto hidden = DecodeMonthRecord(*result.rebuilt.back());
  if (!hidden.ok()) return MakeError(Reason::kInternal);
  for (size_t i = 0; i < entries.size(); ++i) {
    result.page.entries[i].body = (*hidden)[i].body;
    result.page.entries[i].body_digest = (*hidden)[i].body_digest;
  }
  return absl::OkStatus();
}

// When the version of a coverage came that holds its certificates; the row itself does not say it.
std::optional<absl::Time> ReadRecords::Case::ArrivalOf(const AnswerCoverage& coverage) const {
  std::optional<absl::Time> latest;
  for (const CoverageArrival& one : person()->coverages) {
    if (one.key_without_branch != coverage.key_without_branch ||
        one.qualification_day != coverage.qualification_date) {
      continue;
    }
    if (!latest || one.arrived > *latest) latest = one.arrived;
  }
  return latest;
}

absl::Status ReadRecords::Case::CollectCertificates(std::string_view row,
                                                    const AnswerOctets& make) {
  const auto coverages = DecodeAnswerRow(row);
  if (!coverages.ok()) return MakeError(Reason::kInternal);
  const Selection valid = SelectForCard(*coverages, inquiry->day);
  for (const AnswerCoverage* coverage : valid.shown) {
    if (!CoversDay(*coverage, inquiry->day)) continue;
    const auto arrived = ArrivalOf(*coverage);
    for (const AnswerPiece& piece : coverage->pieces) {
      const auto kind = CertificateKindOf(piece.kind);
      if (!kind || !result.Shows(*kind) || !HoldsOn(piece, inquiry->day)) continue;
      auto& latest = result.page.latest_arrival;
      if (arrived && (!latest || *arrived > *latest)) latest = arrived;
      // An answer without it would say that there is none.
      std::optional<std::string> octets = make.certificate(piece);
      if (!octets) return MakeError(Reason::kInternal);
      result.certificates.push_back({*kind, *std::move(octets)});
    }
  }
  return absl::OkStatus();
}

absl::Status ReadRecords::Case::Collect(const Source& source) {
  const std::optional<RecordPlace> rest = KeepShownMonths();
  RETURN_IF_ERROR(RebuildMonths(source));
  RETURN_IF_ERROR(CollectPage(source));
  if (!result.page.next) result.page.next = rest;
  const PersonAnswer& answer = person()->answer;
  if (!question.answer_row || answer.octets.empty()) return absl::OkStatus();
  if (answer.format == kAnswerFormat) return CollectCertificates(answer.octets, source.octets);
  const auto truth = source.store.ReadTruth(person()->person, source.deadline);
  if (!truth.ok()) return AsAnswer(truth.status());
  return CollectCertificates(source.octets.build.answer(*truth), source.octets);
}

// Makes the months of another format among those that are shown anew from the truth. What arrived
// when is no matter of the format.
absl::Status ReadRecords::Case::RebuildMonths(const Source& source) {
  std::map<absl::CivilMonth, std::vector<Receipt>> receipts;
  std::map<absl::CivilMonth, std::vector<HealthCheck>> checks;
  FoundPerson& found = persons.front();
  bool read_receipts = false;
  bool read_checks = false;
  for (const StoredMonth& stored : found.months) {
    if (stored.format == kMonthRecordFormat) continue;
    (stored.kind == RecordKind::kHealthCheck ? read_checks : read_receipts) = true;
  }
  if (!read_receipts && !read_checks) return absl::OkStatus();
  const absl::CivilMonth from = found.months.back().month;
  const absl::CivilMonth through = found.months.front().month;
  if (read_receipts) {
    auto truth = source.store.ReadReceipts(found.person, from, through, source.deadline);
    if (!truth.ok()) return AsAnswer(truth.status());
    for (Receipt& one : *truth) receipts[one.treatment_month].push_back(std::move(one));
  }
  if (read_checks) {
    auto truth = source.store.ReadHealthChecks(found.person, from, through, source.deadline);
    if (!truth.ok()) return AsAnswer(truth.status());
    for (HealthCheck& one : *truth) {
      checks[absl::CivilMonth(one.examination_day)].push_back(std::move(one));
    }
  }
  for (StoredMonth& stored : found.months) {
    if (stored.format == kMonthRecordFormat) continue;
    result.rebuilt.push_back(std::make_shared<const std::string>(
        stored.kind == RecordKind::kHealthCheck
            ? source.octets.build.health_check_month(checks[stored.month])
            : source.octets.build.receipt_month(stored.kind, receipts[stored.month])));
    stored.octets = *result.rebuilt.back();
    stored.format = kMonthRecordFormat;
  }
  return absl::OkStatus();
}

}  // namespace kakunin
