"""Row 35: policy mappings in a leaf."""

from card_case import CARD_POLICY, Case, card, extension
from der import oid, sequence

case = Case(__file__)
changed = card()
changed.extensions["constraint"] = extension(
    "2.5.29.33", sequence(sequence(oid("1.2.392.200149.8.5.1.1.20"), oid(CARD_POLICY)))
)
case.certificate(changed, "Policy mappings in a leaf.")
