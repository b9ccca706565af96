"""Row 31: a thousand sequences in one another."""

from card_case import Case, card
from der import sequence

case = Case(__file__)
changed = card()
bomb = b""
for _ in range(1000):
    bomb = sequence(bomb)
changed.subject = bomb
case.certificate(changed, "A thousand sequences in one another.")
