"""Row 17: a revocation dated in the future counts at once."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl().revoke(when="2027-01-01T00:00:00Z"), "Dated next year.")
