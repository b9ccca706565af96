"""Row 30: a name as a constructed string."""

from card_case import CN, Case, card, name
from der import UTF8, as_constructed, tlv

case = Case(__file__)
changed = card()
changed.subject = name((CN, as_constructed(tlv(UTF8, "7K2M9Q4RAW8ZTB13103001A"))))
case.certificate(changed, "A name as a constructed string.")
