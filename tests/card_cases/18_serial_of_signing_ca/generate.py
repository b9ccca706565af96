"""Row 18: the signing CA revoked the same serial."""

from card_case import SIGNING, SIGNING_CA, Case, Crl

case = Case(__file__)
case.crl(Crl(), "Nobody is revoked.")
foreign = Crl(key=SIGNING).revoke()
foreign.issuer = SIGNING_CA
case.crl(foreign, "Of the signing CA.", "crls/signing.crl")
