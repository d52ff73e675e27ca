"""`python -m feedsvc` is the `feedsvc` command."""

from feedsvc.cli import main

if __name__ == "__main__":  # false in the reading processes of a sync, which import this module
    main()
