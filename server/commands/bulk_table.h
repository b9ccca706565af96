#pragma once

#include <google/protobuf/repeated_field.h>

#include <string>

#include "kakunin/v1/bulk_service.pb.h"

namespace kakunin {

// BulkTable draws a list, or results of one, for people.
std::string BulkTable(const v1::BulkInquiry& inquiry);
std::string BulkTable(const google::protobuf::RepeatedPtrField<v1::BulkResult>& results);

}  // namespace kakunin
