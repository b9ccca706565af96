#pragma once

#include "CLI/CLI.hpp"

namespace kakunin {

// Each adds one subcommand to `kakunin`, in the file of its name. A subcommand runs in its callback
// and ends by returning (exit 0) or by FailCommand (exit 1); wrong usage is a CLI::ParseError
// (exit 2).
void AddAccountCommand(CLI::App& app);
void AddAppCommand(CLI::App& app);
void AddApplicationCommand(CLI::App& app);
void AddAuditCommand(CLI::App& app);
void AddBackupCommand(CLI::App& app);
void AddBenchCommand(CLI::App& app);
void AddCaCommand(CLI::App& app);
void AddCallCommand(CLI::App& app);
// AddCallConsents adds `kakunin call consents`, AddCallRecords `kakunin call records`,
// AddCallAccessLog `kakunin call access-log`.
void AddCallAccessLog(CLI::App& call);
// AddCallAbnormalTimes `kakunin call disaster-search`, `emergency-view` and `abnormal-times`.
void AddCallAbnormalTimes(CLI::App& call);
// AddCallNotices `kakunin call notices`, AddCallBulk `kakunin call bulk`.
void AddCallNotices(CLI::App& call);
void AddCallBulk(CLI::App& call);
// AddCallReceptionLinks `kakunin call reception-links`.
void AddCallReceptionLinks(CLI::App& call);
// AddCallApps `kakunin call apps`.
void AddCallApps(CLI::App& call);
// AddCallReferenceNumbers `kakunin call reference-number`.
void AddCallReferenceNumbers(CLI::App& call);
// AddCallConsented `kakunin call consented`, AddCallConfirmed `kakunin call confirmed`.
void AddCallConsented(CLI::App& call);
void AddCallConfirmed(CLI::App& call);
// AddCallLogIn `kakunin call login`, `logout` and `password`; AddCallAccounts `kakunin call
// account`, AddCallSettings `kakunin call settings`.
void AddCallLogIn(CLI::App& call);
void AddCallAccounts(CLI::App& call);
void AddCallSettings(CLI::App& call);
void AddCallConsents(CLI::App& call);
void AddCallRecords(CLI::App& call);
void AddConfigCommand(CLI::App& app);
void AddDevCommand(CLI::App& app);
void AddDisasterCommand(CLI::App& app);
void AddExplainCommand(CLI::App& app);
void AddFacilityCommand(CLI::App& app);
// AddFacilityApplications adds what operators do about facilities that join.
void AddFacilityApplications(CLI::App& facility);
void AddOnboardingCommand(CLI::App& app);
void AddFeedCommand(CLI::App& app);
void AddInsurerCommand(CLI::App& app);
void AddMigrateCommand(CLI::App& app);
void AddPersonCommand(CLI::App& app);
void AddPlanCommand(CLI::App& app);
void AddProtectionCommand(CLI::App& app);
void AddRestoreCommand(CLI::App& app);
void AddRestrictedCommand(CLI::App& app);
void AddRetentionCommand(CLI::App& app);
void AddReviewerCommand(CLI::App& app);
void AddLinkProviderCommand(CLI::App& app);
void AddServeCommand(CLI::App& app);
void AddSubsidyCommand(CLI::App& app);
void AddSynthCommand(CLI::App& app);
void AddTerminalCommand(CLI::App& app);
// AddTerminalCertificates adds what operators do about terminals' certificates, AddTerminalEnrol
// `kakunin terminal enrol` and `renew`, to `kakunin terminal`.
void AddTerminalCertificates(CLI::App& terminal);
void AddTerminalEnrol(CLI::App& terminal);
void AddVerifyChainCommand(CLI::App& app);
// AddVersionCommand adds `kakunin version` and, as an alias of it, `kakunin --version`.
void AddVersionCommand(CLI::App& app);

}  // namespace kakunin
