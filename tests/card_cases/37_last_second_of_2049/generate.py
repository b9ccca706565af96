"""Row 37: the last second that UTCTime can write."""

from card_case import GENERATIONS, Case, Crl, card, root

case = Case(__file__)
ca = root(GENERATIONS[2])
ca.valid = ("2023-07-16T01:01:04Z", "2063-07-15T14:59:59Z")
case.root("generation_3", ca, "Valid into the years of GeneralizedTime.")
changed = card()
changed.valid = ("2025-10-27T02:30:00Z", "2049-12-31T23:59:59Z")
case.certificate(changed, "Ends at the border of the two forms of time.")
case.crl(Crl("2049-12-31T23:59:59Z"), "Nobody is revoked.")
