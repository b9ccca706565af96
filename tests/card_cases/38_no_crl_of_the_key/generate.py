"""Row 38: a CRL of the partition, but of another generation."""

from card_case import GENERATIONS, Case, Crl

case = Case(__file__)
case.crl(Crl(key=GENERATIONS[1]), "Nobody of generation 2 is revoked.")
