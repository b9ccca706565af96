"""Row 30: a name whose SET is not sorted."""

from card_case import C, CN, Case, attribute, card
from der import SET, sequence, tlv

case = Case(__file__)
changed = card()
pair = sorted([attribute(C, "JP"), attribute(CN, "7K2M9Q4RAW8ZTB13103001A")])
changed.subject = sequence(tlv(SET, *reversed(pair)))
case.certificate(changed, "A name whose SET is not sorted.")
