#pragma once

#include <span>

#include "storage/postgres/lane_connection.h"

namespace kakunin {

// RecordStatement is one statement of a record store, an index into RecordStatements().
enum RecordStatement {
  kRecordRead,
  kRecordTruth,
  kRecordReceipts,
  kRecordHealthChecks,
  kRecordConsents,
  kRecordEnds,
  kRecordDecision,
  kRecordAudit,
  kRecordAccessed,
  kRecordHeld,
  kRecordEnded,
  kRecordExists,
  kRecordStatements
};

// RecordTag tells the rows of kRecordRead and kRecordConsents apart; each fills the columns that it
// needs:
//   0 question from 1, 1 tag, 2 person, 3 instant, 4 instant, 5 day, 6 number, 7 number, 8 number,
//   9 octets, 10 octets, 11 number (eight octets), 12 instant, 13 flag,
//   14 number
enum class RecordTag {
  kPerson = 1,  // 6 hide address, 7 hide facility names, 8 in question, 11 stored ends
  kAct,       // 3 begin, 4 end, 5 appointment, 6 agreed, 7 declined, 8 method, 9 issuer, 10 serial,
              // 11 CRL partition, 12 not after, 13 superseded, 14 form of care
  kEnd,       // 3 at, 5 appointment, 6 kinds, 7 reason, 9 request, 10 its digest, 14 form of care
  kMonth,     // 3 arrived, 5 month, 6 kind, 7 format, 10 octets
  kAnswer,    // 7 format, 10 octets
  kCoverage,  // 3 arrived, 5 qualification day, 10 key without branch
};

std::span<const LaneStatement> RecordStatements();

}  // namespace kakunin
