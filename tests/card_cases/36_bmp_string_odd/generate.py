"""Row 36: a BMPString of an odd number of octets."""

from card_case import C, CN, Case, card, name
from der import BMP, tlv

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, tlv(BMP, "確認".encode("utf-16-be")[1:])))
case.certificate(changed, "A BMPString of an odd number of octets.")
