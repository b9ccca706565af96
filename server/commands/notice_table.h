#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "kakunin/v1/notice_service.pb.h"

namespace kakunin {

// NoticeTable shows notices in Japanese. Patients have no names in it; their handles are in the
// message alone, and the audit id of the confirmation leads to the case.
std::string NoticeTable(const google::protobuf::RepeatedPtrField<v1::Notice>& notices);

// NoticeTable shows what an acknowledgement came to.
std::string NoticeTable(const v1::AcknowledgeNoticesResponse& answer);

}  // namespace kakunin
