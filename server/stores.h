#pragma once

#include "server/rpc/record_octets.h"
#include "storage/postgres/abnormal_times_store.h"
#include "storage/postgres/account_store.h"
#include "storage/postgres/applicant_store.h"
#include "storage/postgres/application_store.h"
#include "storage/postgres/bulk_store.h"
#include "storage/postgres/card_link_store.h"
#include "storage/postgres/coverage_history_store.h"
#include "storage/postgres/crl_memory_store.h"
#include "storage/postgres/delivery_store.h"
#include "storage/postgres/eligibility_list_store.h"
#include "storage/postgres/facility_settings_store.h"
#include "storage/postgres/feed_store.h"
#include "storage/postgres/housekeeping_store.h"
#include "storage/postgres/identity_case_store.h"
#include "storage/postgres/inquiry_store.h"
#include "storage/postgres/joining_job_store.h"
#include "storage/postgres/notice_store.h"
#include "storage/postgres/number_store.h"
#include "storage/postgres/person_repair_store.h"
#include "storage/postgres/protection_store.h"
#include "storage/postgres/reception_app_store.h"
#include "storage/postgres/reception_link_store.h"
#include "storage/postgres/reference_number_store.h"
#include "storage/postgres/terminal_certificate_store.h"

namespace kakunin {

// Stores are all stores of one installation: stateless, so that every port and job may use them.
struct Stores {
  PostgresAbnormalTimesStore abnormal_times_store;
  PostgresFeedStore feed_store;
  PostgresCoverageHistoryStore history_store;
  PostgresCardLinkStore card_link_store;
  PostgresNumberStore number_store;
  PostgresIdentityCaseStore case_store;
  PostgresPersonRepairStore repair_store;
  PostgresProtectionStore protection_store;
  PostgresInquiryStore inquiry_store;
  PostgresNoticeStore notice_store;
  PostgresBulkStore bulk_store;
  PostgresReceptionLinkStore link_store;
  PostgresReceptionAppStore app_store;
  PostgresReferenceNumberStore reference_store;
  PostgresAccountStore account_store;
  PostgresFacilitySettingsStore settings_store;
  PostgresEligibilityListStore eligibility_list_store;
  PostgresTerminalCertificateStore certificate_store;
  PostgresHousekeepingStore housekeeping_store{CopiesOfThisFormat()};
  PostgresCrlMemoryStore crl_memory_store;
  PostgresDeliveryStore delivery_store;
  PostgresApplicantStore applicant_store;
  PostgresApplicationStore application_store;
  PostgresJoiningJobStore joining_job_store;
};

}  // namespace kakunin
