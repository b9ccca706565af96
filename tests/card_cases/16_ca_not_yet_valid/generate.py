"""Row 16: the CA's own first second is still to come."""

from card_case import GENERATIONS, Case, Crl, root

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.valid = ("2026-11-21T03:00:00Z", "2033-07-15T14:59:59Z")
case.root("generation_3", ca, "Begins after the cards it made.")
case.crl(Crl("2026-11-21T03:00:00Z"), "Nobody is revoked.")
