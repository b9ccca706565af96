"""Row 30: a NULL behind the signature, inside the certificate."""

from card_case import Case, card
from der import content_of, null, sequence

case = Case(__file__)
good = card().der()
case.certificate(
    sequence(content_of(good), null()), "A NULL behind the signature, inside the certificate."
)
