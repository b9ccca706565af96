#include "domain/record_access.h"

namespace kakunin {
namespace {

// What must hold before a consent is looked at.
std::optional<Reason> DenialBeforeConsent(const RecordCall& call, const AccessRow* row,
                                          const TerminalRequest& request) {
  if (const auto denial = DenialBy(row, *call.terminal, request)) return denial;
  const auto& data_from = FactsOf(call.kind).data_from;
  if (call.asked_through && data_from && *call.asked_through < *data_from) {
    return Reason::kNotInService;
  }
  if (call.persons_found > 1) return Reason::kBranchNumberNeeded;
  return std::nullopt;
}

// A state that was folded for another facility, form of care or kind opens nothing, whoever hands
// it in.
bool IsAbout(const ConsentState& state, const RecordCall& call, ConsentKind kind) {
  return state.act != nullptr && state.act->facility_code == call.terminal->facility_code &&
         state.act->form_of_care == call.form_of_care &&
         state.act->decisions.Of(kind) != Decision::kNotAsked;
}

}  // namespace

std::optional<Reason> DenialOf(ConsentStanding standing) {
  switch (standing) {
    case ConsentStanding::kRunning:
      return std::nullopt;
    case ConsentStanding::kNeverGiven:
      return Reason::kNoConsent;
    case ConsentStanding::kDeclined:
      return Reason::kConsentDeclined;
    case ConsentStanding::kExpired:
      return Reason::kConsentExpired;
    case ConsentStanding::kRevokedByFacility:
    case ConsentStanding::kRevokedByPatient:
    case ConsentStanding::kChangeOfUse:
      return Reason::kConsentRevoked;
  }
  return Reason::kNoConsent;
}

std::optional<Reason> DenialOf(CertificateFinding finding, ConsentMethod method, absl::Time at,
                               const CertificateRules& rules) {
  switch (finding) {
    case CertificateFinding::kNoCertificate:
      // A card act names its certificate: without one nothing can ever be looked up.
      if (method == ConsentMethod::kOral) return std::nullopt;
      return Reason::kConsentCertificateUntraceable;
    case CertificateFinding::kGood:
      return std::nullopt;
    case CertificateFinding::kRevoked:
      return Reason::kConsentCertificateRevoked;
    case CertificateFinding::kSuperseded:
    case CertificateFinding::kExpired:
      if (rules.lapse_ignored_from <= at && at < rules.lapse_ignored_to) return std::nullopt;
      return Reason::kConsentCertificateLapsed;
    case CertificateFinding::kUnknown:
      return Reason::kRevocationUnknown;
    case CertificateFinding::kUntraceable:
      return Reason::kConsentCertificateUntraceable;
  }
  return Reason::kRevocationUnknown;
}

RecordDecision DecideRecordAccess(const RecordCall& call, std::span<const ConsentEvidence> evidence,
                                  const CertificateRules& rules) {
  RecordDecision decision;
  decision.until = call.at;
  const TerminalRequest request{.operation = call.operation,
                                .kind = call.kind,
                                .form_of_care = call.form_of_care,
                                .situation = call.situation,
                                .at = call.at,
                                .policy = call.policy};
  decision.row = AccessRowFor(*call.terminal, request);
  decision.denial = DenialBeforeConsent(call, decision.row, request);
  if (decision.denial) return decision;
  const auto kind = ConsentFor(call.kind);
  if (!kind) {
    decision.until = absl::InfiniteFuture();
    return decision;
  }

  if (call.situation != Situation::kNormal) {
    decision.denial = call.at >= call.view_end    ? std::optional(Reason::kAbnormalViewExpired)
                      : call.persons_found != 1   ? std::optional(Reason::kNoConsent)
                      : call.identity_in_question ? std::optional(Reason::kIdentityInQuestion)
                                                  : std::nullopt;
    if (!decision.denial) decision.until = call.view_end;
    return decision;
  }

  bool any_runs = false;
  decision.denial = Reason::kNoConsent;
  for (const ConsentEvidence& one : call.persons_found == 1 ? evidence : evidence.first(0)) {
    if (!IsAbout(one.state, call, *kind)) continue;
    auto denial = DenialOf(one.state.standing);
    if (!denial) {
      any_runs = true;
      denial = DenialOf(one.certificate, one.state.act->method, call.at, rules);
    }
    if (denial && decision.consent.act != nullptr) continue;
    decision.denial = denial;
    decision.consent = one.state;
    decision.certificate = one.certificate;
    if (denial) continue;
    if (call.identity_in_question) {
      decision.denial = Reason::kIdentityInQuestion;
    } else {
      decision.until = one.state.until;
    }
    return decision;
  }
  // What was declined by a card in its grace was declined.
  if (!any_runs && call.confirmed_for_eligibility_only &&
      decision.denial != Reason::kConsentDeclined) {
    decision.denial = Reason::kCardEligibilityOnly;
  }
  return decision;
}

}  // namespace kakunin
