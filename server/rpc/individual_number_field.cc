#include "server/rpc/individual_number_field.h"

#include "server/usecases/feed_keys.h"

namespace kakunin {

IndividualNumberHash ReadIndividualNumber(FieldErrors& errors, const std::string& field,
                                          const std::string& text, const auth::HmacKey& key) {
  const auto number = IndividualNumber::Parse(text);
  if (number && number->HasValidCheckDigit()) return HashOf(key, *number);
  errors.Add(field, text.empty() ? kFieldMissing : "桁数または検査用数字が正しくありません。");
  return {};
}

}  // namespace kakunin
