#pragma once

#include <google/protobuf/message.h>

#include <string>

#include "auth/digest.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/administrative_write.h"

namespace kakunin {

// KeyedDigest is an HMAC-SHA-256 over the message, fields in order; its own copy of the octets is
// wiped. Equal messages give equal digests.
Digest32 KeyedDigest(const auth::HmacKey& key, const google::protobuf::Message& message);

// WriteCallOf is what idempotency and audit know of an admitted call.
WriteCall WriteCallOf(const Call& call, const auth::HmacKey& audit_key,
                      const google::protobuf::Message& request, const RequestId& request_id = {},
                      bool validate_only = false);

// Wipe overwrites and empties a text that must not stay in memory.
void Wipe(std::string& text);

}  // namespace kakunin
