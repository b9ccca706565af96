"""Row 40: the key that signed may not sign CRLs."""

from card_case import GENERATIONS, Case, Crl, key_usage, root

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.extensions["key_usage"] = key_usage(5)
case.root("generation_3", ca, "May sign certificates, not CRLs.")
case.crl(Crl(), "Nobody is revoked.")
