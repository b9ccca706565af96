"""Row 45: an entry's extension that does not decode, not critical."""

from card_case import UNKNOWN, Case, Crl, extension

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = Crl(number=8)
crl.revoke(1, "2026-11-01T00:00:00Z", extension(UNKNOWN, b"\x30\x05none"))
case.crl(crl, "It would lift the revocation.", "crls/2/home.crl")
