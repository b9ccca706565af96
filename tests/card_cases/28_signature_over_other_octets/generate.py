"""Row 28: over octets of the client's own choice."""

from card_case import CARD, Case

case = Case(__file__)
case.signature(
    CARD.sign(b"what the client would have us believe"), "Over octets of the client's own choice."
)
