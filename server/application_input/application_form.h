#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "domain/application.h"
#include "domain/application_content.h"
#include "domain/error.h"

namespace kakunin {

// FormReading is what a form says.
struct FormReading {
  ApplicationContent content;
  // What cannot be read, by field and never with the value: words that are no choice, days that do
  // not exist, fields that this kind of application has not.
  std::vector<FieldViolation> violations;
};

// ReadApplicationForm reads the fields of a form of this kind. One for use has those of
// ApplicationFieldTable.
FormReading ReadApplicationForm(ApplicationKind kind, std::span<const FormField> fields);

// FormFieldsOf are the fields that a form of this kind has.
std::vector<std::string_view> FormFieldsOf(ApplicationKind kind);

}  // namespace kakunin
