#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "domain/joining_application.h"

namespace kakunin {

// ApplicationText is one value of a file as it is written.
struct ApplicationText {
  std::string field;
  std::string text;
};

// ApplicationRow is what a file says of one facility.
struct ApplicationRow {
  int64_t line = 0;  // from 1
  std::vector<ApplicationText> texts;
};

// ApplicationFile is a whole file: one facility's application, or a group's.
struct ApplicationFile {
  bool is_group = false;
  std::string group_name;
  std::optional<int64_t> group_prescriptions;
  std::vector<FieldViolation> violations;  // of the group's own values
  std::vector<ApplicationRow> rows;
};

// ApplicationFieldFacts is one row of the table of fields that a file may hold.
struct ApplicationFieldFacts {
  std::string_view field;  // "card_reader_order.units"
  std::string_view label;  // ja-JP; a column of a table may be named so too
  std::string_view form;   // ja-JP: what may be written
};
std::span<const ApplicationFieldFacts> ApplicationFieldTable();

// LabelOf is the Japanese name of a field; the field itself when it has none.
std::string_view LabelOf(std::string_view field);

// UnknownField is the fault of a field that no file may hold, with the closest one that it may;
// empty: the field is known.
std::optional<FieldViolation> UnknownField(const std::string& field);

// ReadApplication makes an application of a row. What cannot be read is left empty and told in
// `violations`, by field, never with the value: words that are no choice, days and months that do
// not exist, fields that are not known (with the closest one).
struct ReadRow {
  JoiningApplication application;
  std::vector<FieldViolation> violations;
};
ReadRow ReadApplication(const ApplicationRow& row);

// WithReading joins what reading and checking found: a field that could not be read is not told
// again as missing.
std::vector<FieldViolation> WithReading(std::vector<FieldViolation> read,
                                        const std::vector<FieldViolation>& checked);

// WrittenMonth reads "2027-04", WrittenDay "2027-04-01": exactly so, and real ones.
std::optional<absl::CivilMonth> WrittenMonth(std::string_view text);
std::optional<absl::CivilDay> WrittenDay(std::string_view text);

}  // namespace kakunin
