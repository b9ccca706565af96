#include "server/usecases/password_try.h"

#include "domain/account.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

const std::string& HashOfNobody() {
  static const auto* const hash =
      new std::string(auth::HashPassword(auth::RandomPassword()));  // never freed: used until exit
  return *hash;
}

void AddTry(AuditRecord& record, const PasswordTry& made) {
  if (!made.known) return AddDetail(record, "account", "unknown");
  if (!made.compared) return AddDetail(record, "compared", 0);
  AddDetail(record, "try", made.number);
  if (!made.right && made.number >= kMostWrongTries) AddDetail(record, "locked", 1);
}

bool ComparePassword(const std::string& password, const std::string& hash, DigestTurn* turn) {
  const auto compare = [&] { return auth::IsPassword(password, hash); };
  return turn != nullptr ? turn->Run(compare) : compare();
}

}  // namespace kakunin
