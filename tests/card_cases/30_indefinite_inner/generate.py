"""Row 30: the subject's length is indefinite."""

from card_case import Case, card
from der import with_indefinite_length

case = Case(__file__)
changed = card()
changed.subject = with_indefinite_length(changed.subject)
case.certificate(changed, "The subject's length is indefinite.")
