#pragma once

#include <grpcpp/grpcpp.h>

#include "server/rpc/dispatch.h"

namespace kakunin {

// RefuseUnreadableMessages makes octets that are no message of a method's type, text that is no
// UTF-8 among them, INVALID_FIELDS for every method whose messages gRPC reads itself: those of a
// port without lanes. gRPC would
// tell the caller INTERNAL or UNIMPLEMENTED, and nobody else: the method is never reached, so that
// nothing was asked, permitted or done. `observer` sees each and outlives the server. A lane reads
// its messages itself and says the same. In the middle of a stream such a message ends it like a
// caller who has said everything: what was not acknowledged is not there.
void RefuseUnreadableMessages(grpc::ServerBuilder& builder, CallObserver& observer);

}  // namespace kakunin
