"""Row 18: another generation revoked the same serial."""

from card_case import GENERATIONS, Case, Crl

case = Case(__file__)
case.crl(Crl(), "Nobody of generation 3 is revoked.")
case.crl(Crl(key=GENERATIONS[1]).revoke(), "Generation 2 revoked its own.", "crls/other.crl")
