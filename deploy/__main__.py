"""`python -m deploy` is `dongseon`."""

from deploy.cli import main

main()
