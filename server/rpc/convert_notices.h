#pragma once

#include <string>

#include "absl/status/status.h"
#include "auth/digest.h"
#include "auth/patient_handle.h"
#include "kakunin/v1/notice_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/notices.h"

namespace kakunin {

// The border of NoticeService. The Read functions return INVALID_FIELDS with every violation at
// once; what the policy or another facility's code forbids is no violation but `refused`, so that
// it is audited.

absl::Status ReadListNotices(const v1::ListNoticesRequest& request, const Call& call,
                             const auth::HmacKey& audit_key, TerminalCall& asked,
                             NoticeRange& range);
absl::Status ReadAcknowledgeNotices(const v1::AcknowledgeNoticesRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    std::vector<int64_t>& numbers);
absl::Status ReadWatchNotices(const v1::WatchNoticesRequest& request, const Call& call,
                              const auth::HmacKey& audit_key, TerminalCall& asked,
                              NoticeRange& range);

// The Write functions name patients by handles of this facility, made at the call's instant.
void WriteListNotices(const NoticePage& page, const TerminalCall& asked,
                      const auth::PatientHandleKey& handles, v1::ListNoticesResponse& response);
void WriteAcknowledgeNotices(const AcknowledgedPage& page,
                             v1::AcknowledgeNoticesResponse& response);
// `after` is the number that the stream had come to, for a page that is empty.
void WriteWatchNotices(const NoticePage& page, const TerminalCall& asked, int64_t after,
                       const auth::PatientHandleKey& handles, v1::WatchNoticesResponse& response);

}  // namespace kakunin
