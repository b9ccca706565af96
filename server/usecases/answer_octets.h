#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/answer_row.h"
#include "storage/feed_store.h"

namespace kakunin {

// AnswerOctets make what an answer about records holds where that is not what is stored. All is
// made before the audit row, so that an answer that was audited as shown can be written. Empty: the
// stored octets cannot be read.
struct AnswerOctets {
  // For stored copies of another format.
  CopyBuilders build;
  // Turns a limit or specific disease certificate into a CertificateAnswer that holds it alone.
  std::function<std::optional<std::string>(const AnswerPiece&)> certificate;
  // Takes who registered it out of a serialised HealthCheck without its facilities.
  std::function<std::optional<std::string>(std::string_view)> check_without_registrar;
};

}  // namespace kakunin
