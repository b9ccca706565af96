#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "domain/actor.h"
#include "domain/audit_record.h"
#include "domain/person_id.h"

namespace kakunin {

// How long a code (登録コード) works and how often it may be mistyped. OUR choices, after the
// field's way (jpki.md 4.6: a secret by post, 180 days there).
inline constexpr absl::Duration kEnrolmentCodeLife = absl::Hours(30 * 24);
inline constexpr int kEnrolmentCodeTries = 5;
// kActivationCodeLife is how long an activation code (アクティベーションコード) works, by which a
// phone or tablet becomes a terminal: it is used beside whom it is told to. OUR choice.
inline constexpr absl::Duration kActivationCodeLife = absl::Hours(7 * 24);
// 40 bits that name a code, and 80 that nobody guesses in five tries.
inline constexpr size_t kEnrolmentCodeOctets = 15;

// EnrolmentCode lets one terminal ask for one certificate. Of its secret there is the keyed hash
// alone.
struct EnrolmentCode {
  std::string code_id;
  Digest32 secret_hash{};
  std::string facility_code;
  std::string terminal_id;
  TerminalKind kind = TerminalKind::kDesk;
  absl::Time issued;
  std::string issued_by;
  absl::Time expires;  // first instant at which it no longer works
  int wrong_tries = 0;
  std::optional<absl::Time> used;
  std::optional<CertificateRequestId> used_for;
  std::string label;  // of an activation code: where the terminal is used; may be empty
};

// EnrolmentCodeText is what a person reads and types: the public half and the secret.
struct EnrolmentCodeText {
  std::string code_id;  // 8 characters
  std::string secret;   // 16 characters
};

// MakeEnrolmentCode makes the text of kEnrolmentCodeOctets random octets, 5 bits a character, by an
// alphabet without I, L, O and U.
EnrolmentCodeText MakeEnrolmentCode(std::span<const uint8_t> random);

// WriteEnrolmentCode is its one form: six groups of four with hyphens.
std::string WriteEnrolmentCode(const EnrolmentCodeText& code);

// ReadEnrolmentCode reads what somebody typed: letters of either case, hyphens and spaces anywhere,
// I and L for 1, O for 0. Empty: it is none.
std::optional<EnrolmentCodeText> ReadEnrolmentCode(std::string_view typed);

// IsActivated tells whether a terminal of this kind may come by an activation code.
constexpr bool IsActivated(TerminalKind kind) {
  return kind == TerminalKind::kRestricted || kind == TerminalKind::kMobile;
}

// CodeVerdict is what a code is worth to whom shows it.
enum class CodeVerdict { kGood, kWrong, kExhausted, kUsed, kExpired };

// JudgeEnrolmentCode judges `code` at `now`; `secret_right` tells whether what was shown beside its
// id is its secret. That it was used or has expired is told to nobody who does not know the secret,
// and nothing at all once it was mistyped too often.
CodeVerdict JudgeEnrolmentCode(const EnrolmentCode& code, bool secret_right, absl::Time now);

}  // namespace kakunin
