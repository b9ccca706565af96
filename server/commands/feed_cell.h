#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string_view>

namespace kakunin {

// IsFeedLeaf says whether a field is filled by one cell: numbers, texts, octets (as hexadecimal
// digits), words and days.
bool IsFeedLeaf(const google::protobuf::FieldDescriptor& field);

// SetFeedCell reads a cell's text into a leaf of `message`; several values of a repeated one stand
// with "|" between them. Returns what is wrong, a sentence without the text; empty when nothing is.
std::string_view SetFeedCell(const google::protobuf::FieldDescriptor& field, std::string_view text,
                             google::protobuf::Message& message);

}  // namespace kakunin
