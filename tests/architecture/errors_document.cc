#include "tests/architecture/errors_document.h"

#include <fmt/format.h>

#include "domain/error.h"
#include "domain/next_step.h"

namespace kakunin::architecture {

std::string ErrorsDocument() {
  std::string text =
      "# Errors\n\n"
      "Every call of ours that does not end in OK carries one `google.rpc.ErrorInfo` with the "
      "domain\n"
      "`kakunin` and one of these reasons, a `LocalizedMessage` (ja-JP) for the clerk, "
      "`BadRequest`\n"
      "with every field violation where fields are at fault, and `RetryInfo` where asking again "
      "can\n"
      "help. Refusals of the transport itself carry none of these. \"Not insured\" is an answer, "
      "not\n"
      "an error.\n\n"
      "Where a sentence asks to call who runs the service (運用担当), the number, the hours and "
      "what\n"
      "to have ready follow it, from `[contact]` of the configuration; outside the hours no "
      "number,\n"
      "but when somebody will be there.\n\n"
      "Written by `write_errors_document` from the tables in `domain/error.cc` and "
      "`domain/next_step.cc`; a test holds the "
      "two\n"
      "equal.\n\n"
      "| Reason | Code | Ask again | Sentence for the clerk |\n"
      "|---|---|---|---|\n";
  for (const ReasonFacts& facts : AllReasons()) {
    text +=
        fmt::format("| `{}` | {} | {} | {} |\n", facts.name, absl::StatusCodeToString(facts.code),
                    facts.retryable ? "yes" : "no", facts.sentence);
  }
  text +=
      "\n## Warnings\n\n"
      "An answer that is OK may carry warnings (`domain/next_step.cc`): a reason and a "
      "sentence.\n\n"
      "| Reason | Sentence for the clerk |\n"
      "|---|---|\n";
  for (const WarningFacts& facts : AllWarnings()) {
    text += fmt::format("| `{}` | {} |\n", facts.name, facts.sentence);
  }
  return text;
}

}  // namespace kakunin::architecture
