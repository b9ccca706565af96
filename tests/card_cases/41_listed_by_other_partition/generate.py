"""Row 41: another municipality lists the serial; its CRL says nothing about this card."""

from card_case import AWAY, Case, Crl

case = Case(__file__)
case.crl(Crl(partition=AWAY).revoke(), "Of another municipality.", "crls/away.crl")
