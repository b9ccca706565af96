"""Row 36: a name as BMPString."""

from card_case import C, CN, Case, card, name
from der import BMP, tlv

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, tlv(BMP, "確認".encode("utf-16-be"))))
case.certificate(changed, "A name as BMPString.")
