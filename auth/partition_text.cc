#include "auth/partition_text.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "auth/der_reader.h"
#include "auth/encoding.h"
#include "auth/revocation_snapshot.h"

namespace kakunin::auth {
namespace {

constexpr size_t kMostText = 256;

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

// RFC 4514 as OpenSSL writes it, with other letters than ASCII's as they are.
std::string TextOfName(DerBytes encoded) {
  const unsigned char* at = encoded.data();
  const std::unique_ptr<X509_NAME, Deleter<X509_NAME_free>> name(
      d2i_X509_NAME(nullptr, &at, static_cast<long>(encoded.size())));
  const std::unique_ptr<BIO, Deleter<BIO_free_all>> out(BIO_new(BIO_s_mem()));
  if (name == nullptr || out == nullptr) return {};
  constexpr unsigned long kFlags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (X509_NAME_print_ex(out.get(), name.get(), 0, kFlags) < 0) return {};
  const char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::string TextOf(std::string_view name) {
  if (const auto directory = ReadWhole(AsBytes(name), der::ContextConstructed(4))) {
    return TextOfName(directory->content);
  }
  if (const auto uri = ReadWhole(AsBytes(name), der::ContextPrimitive(6))) {
    const std::string_view text = AsText(uri->content);
    const bool plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
    if (plain) return std::string(text);
  }
  return {};
}

}  // namespace

std::string PartitionText(std::string_view name) {
  if (name.empty()) return "full";
  std::string text = TextOf(name);
  if (text.empty() || text.size() > kMostText) return fmt::format("{:016x}", PartitionIdOf(name));
  return text;
}

}  // namespace kakunin::auth
