#include "server/rpc/convert_card_links.h"

#include <string>
#include <string_view>

#include "domain/card_link.h"
#include "domain/text/clear_number.h"
#include "server/rpc/convert_feed.h"
#include "server/rpc/write_call.h"

namespace kakunin {
namespace {

void CheckSerial(FieldErrors& errors, const std::string& field, const std::string& serial) {
  if (!RequiredOctets(errors, field, serial, 1, kMostCardSerialOctets)) return;
  if (!IsCardSerial(serial)) errors.Add(field, kFieldMalformed);
}

void CheckCertificate(FieldErrors& errors, const std::string& path, const std::string& issuer,
                      const std::string& serial) {
  RequiredOctets(errors, path + "issuer_key_id", issuer, kIssuerKeyIdOctets, kIssuerKeyIdOctets);
  CheckSerial(errors, path + "serial", serial);
}

// Columns that have shifted: what should be a serial may be somebody's number, in digits or as the
// octets that its digits stand for. Reports name the link by its serial.
void RefuseNumberInClear(const v1::CardLink& link, IncomingCardLink& incoming) {
  std::string& reference = incoming.record.reference;
  const std::string replaced =
      CardLinkReference(link.replaces_issuer_key_id(), link.replaces_serial());
  if (incoming.individual_number) {
    const std::string_view number = incoming.individual_number->Reveal();
    bool holds = false;
    for (const std::string& text : {reference, replaced, link.serial(), link.replaces_serial()}) {
      holds = holds || HoldsNumber(text, number);
    }
    if (!holds) return;
  } else if (!LooksLikeIndividualNumber(reference) && !LooksLikeIndividualNumber(link.serial())) {
    return;
  }
  incoming.AddFault(RowFault::kIndividualNumberInClear, "serial");
  Wipe(reference);
}

}  // namespace

void CheckCardLink(FieldErrors& errors, const std::string& path, const v1::CardLink& link) {
  CheckCertificate(errors, path, link.issuer_key_id(), link.serial());
  RequiredEnum<v1::CardMedium>(errors, path + "medium", link.medium());
  if (!link.replaces_issuer_key_id().empty() || !link.replaces_serial().empty()) {
    CheckCertificate(errors, path + "replaces_", link.replaces_issuer_key_id(),
                     link.replaces_serial());
  }
}

IncomingCardLink ReadCardLinkRow(v1::CardLink& link) {
  IncomingCardLink incoming;
  ReadIndividualNumber(*link.mutable_individual_number(), incoming);
  FieldErrors errors;
  CheckCardLink(errors, /*path=*/"", link);
  // Octets of any other length name no certificate, and would fill the report.
  if (link.issuer_key_id().size() == kIssuerKeyIdOctets && IsCardSerial(link.serial())) {
    incoming.record.reference = CardLinkReference(link.issuer_key_id(), link.serial());
  }
  incoming.record.issuer_key_id = link.issuer_key_id();
  incoming.record.serial = link.serial();
  incoming.record.medium = link.medium();
  incoming.record.replaces_issuer_key_id = link.replaces_issuer_key_id();
  incoming.record.replaces_serial = link.replaces_serial();
  AddFaults(errors, incoming);
  RefuseNumberInClear(link, incoming);
  return incoming;
}

}  // namespace kakunin
