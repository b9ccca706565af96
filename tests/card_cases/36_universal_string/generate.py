"""Row 36: a name as UniversalString, which nobody writes."""

from card_case import C, CN, Case, card, name
from der import UNIVERSAL, tlv

case = Case(__file__)
changed = card()
changed.subject = name((C, "JP"), (CN, tlv(UNIVERSAL, "確認".encode("utf-32-be"))))
case.certificate(changed, "A name as UniversalString, which nobody writes.")
