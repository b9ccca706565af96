"""Row 30: a bit list with zero bits at its end."""

from card_case import Case, card, extension
from der import bit_string

case = Case(__file__)
changed = card()
changed.extensions["key_usage"] = extension(
    "2.5.29.15", bit_string(b"\x80", 0), critical=True
)
case.certificate(changed, "A bit list with zero bits at its end.")
