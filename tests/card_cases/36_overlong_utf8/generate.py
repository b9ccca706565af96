"""Row 36: an overlong form of a slash."""

from card_case import C, CN, Case, card, name
from der import UTF8, tlv

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, tlv(UTF8, b"\xc0\xaf")))
case.certificate(changed, "An overlong form of a slash.")
