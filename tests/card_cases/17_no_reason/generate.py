"""Row 17: revoked, without a reason."""

from card_case import Case, Crl

case = Case(__file__)
case.crl(Crl().revoke(), "The card is revoked.")
