"""Row 33: version 1 with extensions."""

from card_case import Case, card

case = Case(__file__)
changed = card()
changed.version = b""
case.certificate(changed, "Version 1 with extensions.")
