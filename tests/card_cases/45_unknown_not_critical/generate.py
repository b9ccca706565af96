"""Row 45: unknown extensions that are not critical and decode."""

from card_case import UNKNOWN, Case, Crl, extension
from der import null

case = Case(__file__)
crl = Crl()
crl.extensions["unknown"] = extension(UNKNOWN, null())
crl.revoke(1, "2026-11-01T00:00:00Z", extension(UNKNOWN, null()))
case.crl(crl, "Nothing in it needs to be understood.", "crls/home.crl")
