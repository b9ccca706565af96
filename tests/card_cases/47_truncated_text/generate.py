"""Row 47: a download in PEM that broke off."""

import base64

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl("2026-11-20T20:00:00Z").revoke(), "The card is revoked.", "crls/1/home.crl")
crl = base64.encodebytes(Crl(number=8).der())
case.write("crls/2/home.crl", b"-----BEGIN X509 CRL-----\n" + crl[:200])
