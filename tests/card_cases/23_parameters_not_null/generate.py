"""Row 23: an octet string where the NULL belongs."""

from card_case import CARD, Case, challenge, digest_info, padded
from der import octet_string

case = Case(__file__)
case.signature(
    CARD.raw(padded(digest_info(challenge(), parameters=octet_string(b"x")))),
    "An octet string where the NULL belongs.",
)
