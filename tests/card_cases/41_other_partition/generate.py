"""Row 41: only the CRL of another municipality is there."""

from card_case import AWAY, Case, Crl

case = Case(__file__)
case.crl(Crl(partition=AWAY), "Of another municipality.", "crls/away.crl")
