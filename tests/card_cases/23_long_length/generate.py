"""Row 23: DigestInfo with a length that is not minimal."""

from card_case import CARD, Case, challenge, digest_info, padded
from der import with_long_length

case = Case(__file__)
case.signature(
    CARD.raw(padded(with_long_length(digest_info(challenge())))),
    "DigestInfo with a length that is not minimal.",
)
