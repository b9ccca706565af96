"""Row 20: a curve given by its parameters."""

from card_case import Case, card
from der import bit_string, integer, oid, sequence

case = Case(__file__)
changed = card()
parameters = sequence(integer(1), sequence(oid("1.2.840.10045.1.1"), integer(23)))
changed.spki = sequence(
    sequence(oid("1.2.840.10045.2.1"), parameters), bit_string(b"\x04" + bytes(64))
)
case.certificate(changed, "A curve given by its parameters.")
