#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "kakunin/v1/reception_link_service.pb.h"
#include "server/rpc/dispatch.h"
#include "server/usecases/reception_links.h"

namespace kakunin {

// Each reads one request, all field violations at once; what the policy refuses is left in `asked`.
absl::Status ReadCreateReceptionLink(const v1::CreateReceptionLinkRequest& request,
                                     const Call& call, const auth::HmacKey& audit_key,
                                     TerminalCall& asked, LinkToMake& wanted);
absl::Status ReadListReceptionLinks(const v1::ListReceptionLinksRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    LinkRange& range);
absl::Status ReadRenewReceptionLink(const v1::RenewReceptionLinkRequest& request, const Call& call,
                                    const auth::HmacKey& audit_key, TerminalCall& asked,
                                    LinkId& id);
absl::Status ReadRevokeReceptionLink(const v1::RevokeReceptionLinkRequest& request,
                                     const Call& call, const auth::HmacKey& audit_key,
                                     TerminalCall& asked, LinkId& id);

// `public_url` is what a link's address begins with.
void WriteCreateReceptionLink(const MadeLink& made, std::string_view public_url,
                              v1::CreateReceptionLinkResponse& response);
void WriteListReceptionLinks(const LinkPage& page, v1::ListReceptionLinksResponse& response);
void WriteRenewReceptionLink(const MadeLink& made, std::string_view public_url,
                             v1::RenewReceptionLinkResponse& response);
void WriteRevokeReceptionLink(const MadeLink& made, v1::RevokeReceptionLinkResponse& response);

}  // namespace kakunin
