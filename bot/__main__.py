"""`python -m bot` is `shipmate`."""

from bot.cli import main

main()
