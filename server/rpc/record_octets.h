#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/answer_row.h"
#include "domain/health_check.h"
#include "domain/receipt.h"
#include "domain/record_kind.h"
#include "server/usecases/answer_octets.h"
#include "storage/feed_store.h"

namespace kakunin {

// BuildReceiptMonth makes the octets of one person's month of `kind` (drug, treatment or surgery)
// from all its current receipts: the ReceiptMonthBuilder of storage/feed_store.h. One entry a
// receipt that has any line of the kind, in the order of source, facility, kind of claim, reviewer
// and reference; empty when none has. Thread-safe.
std::string BuildReceiptMonth(RecordKind kind, std::span<const Receipt> receipts);

// BuildHealthCheckMonth makes those of one person's health checks in a month, in the order of day,
// registrar and reference: the HealthCheckMonthBuilder. Thread-safe.
std::string BuildHealthCheckMonth(std::span<const HealthCheck> checks);

// CopiesOfThisFormat are the builders of everything that is copied from the truth.
CopyBuilders CopiesOfThisFormat();

// CertificateOctets turns a piece of an answer row into a serialised CertificateAnswer that holds
// its certificate alone; empty when the piece's octets hold no such certificate. Thread-safe.
std::optional<std::string> CertificateOctets(const AnswerPiece& piece);

// CheckWithoutRegistrar takes number and name of who registered it out of a serialised HealthCheck;
// empty when it is none. Thread-safe.
std::optional<std::string> CheckWithoutRegistrar(std::string_view body);

// AnswersOfThisFormat makes what answers hold.
AnswerOctets AnswersOfThisFormat();

}  // namespace kakunin
