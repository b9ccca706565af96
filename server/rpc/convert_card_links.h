#pragma once

#include <string>

#include "kakunin/v1/card_link_service.pb.h"
#include "server/rpc/fields.h"
#include "server/usecases/feed_row.h"

namespace kakunin {

// CheckCardLink looks at everything that a link says but whose it is and what it replaces being
// another one; `path` stands before the names of fields ("links[2].").
void CheckCardLink(FieldErrors& errors, const std::string& path, const v1::CardLink& link);

// ReadCardLinkRow reads one pushed link, as ReadCoverageRow does.
IncomingCardLink ReadCardLinkRow(v1::CardLink& link);

}  // namespace kakunin
