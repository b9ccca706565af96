"""Row 30: an extension's value as a constructed string."""

from card_case import CARD_POLICY, Case, card
from der import as_constructed, octet_string, oid, sequence

case = Case(__file__)
changed = card()
changed.extensions["policies"] = sequence(
    oid("2.5.29.32"), as_constructed(octet_string(sequence(sequence(oid(CARD_POLICY)))))
)
case.certificate(changed, "An extension's value as a constructed string.")
