"""Row 35: name constraints in a leaf."""

from card_case import C, Case, card, extension, name
from der import explicit, sequence

case = Case(__file__)
changed = card()
changed.extensions["constraint"] = extension(
    "2.5.29.30", sequence(explicit(0, sequence(explicit(4, name((C, "JP")))))), critical=True
)
case.certificate(changed, "Name constraints in a leaf.")
