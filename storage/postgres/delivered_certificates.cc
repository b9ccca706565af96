#include "storage/postgres/delivered_certificates.h"

#include <utility>
#include <vector>

#include "storage/postgres/array_parameters.h"
#include "storage/postgres/coverage_json.h"
#include "storage/postgres/json_array.h"

namespace kakunin {
namespace {

constexpr std::array<ElementType, kCertificateColumnCount> kTypes = {
    ElementType::kText, ElementType::kText, ElementType::kJson};

// AnyCertificate is an object that has been read, whatever its kind: what a kind lacks stays empty.
struct AnyCertificate {
  int kind = 0;
  int contribution_percent = 0;
  LimitCertificate limit;
  SpecificDiseaseCertificate disease;  // of its own: the disease and the amount
};

bool Assign(AnyCertificate& part, std::string_view name, const std::string& value) {
  if (name == "name") return true;
  if (name == "kind") return AssignJson(value, part.kind);
  if (name == "contribution_percent") return AssignJson(value, part.contribution_percent);
  if (name == "disease") return AssignJson(value, part.disease.disease);
  if (name == "self_pay_yen") return AssignJson(value, part.disease.self_pay_yen);
  if (name == "classification") return AssignJson(value, part.limit.classification);
  if (name == "issue_date") return AssignJson(value, part.limit.issue_date);
  if (name == "valid_from") return AssignJson(value, part.limit.valid_from);
  if (name == "valid_through") return AssignJson(value, part.limit.valid_through);
  if (name == "long_term_date") return AssignJson(value, part.limit.long_term_date);
  if (name != "classification_flag") return false;
  part.limit.classification_flag = value;
  return true;
}

template <class Certificate>
void PutBefore(std::vector<Certificate> delivered, std::vector<Certificate>& others) {
  delivered.insert(delivered.end(), others.begin(), others.end());
  others = std::move(delivered);
}

}  // namespace

bool AddDelivered(std::string_view json, Coverage& coverage) {
  const auto parts = JsonParts<AnyCertificate>(json, &Assign);
  if (!parts) return false;
  std::vector<LimitCertificate> limits;
  std::vector<SpecificDiseaseCertificate> diseases;
  for (const AnyCertificate& part : *parts) {
    const LimitCertificate& limit = part.limit;
    switch (static_cast<FeedKind>(part.kind)) {
      case FeedKind::kElderlyRecipientCertificates:
        coverage.delivered_elderly_certificates.push_back(
            {limit.issue_date, limit.valid_from, limit.valid_through, part.contribution_percent});
        break;
      case FeedKind::kLimitCertificates:
        limits.push_back(limit);
        break;
      case FeedKind::kSpecificDiseaseCertificates:
        diseases.push_back({part.disease.disease, limit.issue_date, limit.valid_from,
                            limit.valid_through, part.disease.self_pay_yen});
        break;
      default:
        return false;
    }
  }
  PutBefore(std::move(limits), coverage.limit_certificates);
  PutBefore(std::move(diseases), coverage.specific_disease_certificates);
  return true;
}

std::string CertificateParameters(int first) { return UnnestParameters(kTypes, first); }

void CertificateArrays::Begin(size_t count) {
  for (size_t i = 0; i < arrays_.size(); ++i) arrays_[i].Begin(kTypes[i], count);
}

void CertificateArrays::Add(const DeliveredElderly& delivered) {
  Add(FeedKind::kElderlyRecipientCertificates, delivered);
}

void CertificateArrays::Add(const DeliveredLimit& delivered) {
  Add(FeedKind::kLimitCertificates, delivered);
}

void CertificateArrays::Add(const DeliveredDisease& delivered) {
  Add(FeedKind::kSpecificDiseaseCertificates, delivered);
}

template <class Certificate>
void CertificateArrays::Add(FeedKind kind, const Delivered<Certificate>& delivered) {
  JsonArrayWriter writer;
  writer.BeginObject();
  writer.Number("kind", static_cast<int>(kind));
  WriteCertificate(writer, delivered.certificate);
  writer.EndObject();
  // An array of one is written, and its one object kept.
  const std::string one = writer.Finish();
  arrays_[0].Octets(delivered.reference);
  arrays_[1].Octets(delivered.coverage_reference);
  arrays_[2].Json(std::string_view(one).substr(1, one.size() - 2));
}

}  // namespace kakunin
