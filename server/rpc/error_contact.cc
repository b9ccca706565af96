#include "server/rpc/error_contact.h"

#include <mutex>
#include <utility>

#include "domain/operations_contact.h"

namespace kakunin {
namespace {

struct Named {
  Contact contact;
  std::function<absl::Time()> now;
};

// Held for the copying of a pointer, by errors that ask to call alone.
std::mutex named_lock;
std::shared_ptr<const Named>& TheNamed() {
  static std::shared_ptr<const Named> named;
  return named;
}

void Name(std::shared_ptr<const Named> named) {
  const std::lock_guard<std::mutex> hold(named_lock);
  TheNamed() = std::move(named);
}

}  // namespace

ErrorContact::ErrorContact(Contact contact, std::function<absl::Time()> now) {
  Name(std::make_shared<const Named>(Named{std::move(contact), std::move(now)}));
}

ErrorContact::~ErrorContact() { Name(nullptr); }

std::string ErrorContact::After(Reason reason) {
  if (!AsksToCallOperations(reason)) return "";
  std::shared_ptr<const Named> named;
  {
    const std::lock_guard<std::mutex> hold(named_lock);
    named = TheNamed();
  }
  return named == nullptr ? "" : OperationsContactSentence(named->contact, named->now());
}

}  // namespace kakunin
