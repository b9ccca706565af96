#include "server/rpc/write_call.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <string.h>  // explicit_bzero, which the compiler must not drop.

namespace kakunin {

void Wipe(std::string& text) {
  explicit_bzero(text.data(), text.size());
  text.clear();
}

Digest32 KeyedDigest(const auth::HmacKey& key, const google::protobuf::Message& message) {
  // One allocation of the final size, so that no outgrown copy is left behind.
  std::string octets(message.ByteSizeLong(), '\0');
  {
    google::protobuf::io::ArrayOutputStream array(octets.data(), static_cast<int>(octets.size()));
    google::protobuf::io::CodedOutputStream out(&array);
    out.SetSerializationDeterministic(true);
    message.SerializeWithCachedSizes(&out);
  }
  const Digest32 digest = key.Mac(octets);
  Wipe(octets);
  return digest;
}

WriteCall WriteCallOf(const Call& call, const auth::HmacKey& audit_key,
                      const google::protobuf::Message& request, const RequestId& request_id,
                      bool validate_only) {
  return {.operation = call.policy->operation,
          .actor_kind = KindOf(call.actor),
          .actor = call.actor_name,
          .request_id = request_id,
          .body_digest = KeyedDigest(audit_key, request),
          .key_id = audit_key.key_id(),
          .at = call.at,
          .deadline = call.deadline,
          .validate_only = validate_only};
}

}  // namespace kakunin
