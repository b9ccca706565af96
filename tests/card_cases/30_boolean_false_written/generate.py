"""Row 30: a critical flag of FALSE, which is the default."""

from card_case import CARD_POLICY, Case, card
from der import boolean, octet_string, oid, sequence

case = Case(__file__)
changed = card()
changed.extensions["policies"] = sequence(
    oid("2.5.29.32"), boolean(False), octet_string(sequence(sequence(oid(CARD_POLICY))))
)
case.certificate(changed, "A critical flag of FALSE, which is the default.")
