"""Row 36: octets that are no UTF-8."""

from card_case import C, CN, Case, card, name
from der import UTF8, tlv

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, tlv(UTF8, b"\xc3\x28\xff")))
case.certificate(changed, "Octets that are no UTF-8.")
