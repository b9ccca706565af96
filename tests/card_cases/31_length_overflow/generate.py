"""Row 31: a length of 84 FF FF FF FF."""

from card_case import Case, card
from der import content_of

case = Case(__file__)
good = card().der()
case.certificate(b"\x30\x84\xff\xff\xff\xff" + content_of(good), "A length of 84 FF FF FF FF.")
