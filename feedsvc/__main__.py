"""`python -m feedsvc` is the `feedsvc` command."""

from feedsvc.cli import main

if __name__ == "__main__":  # not where a process that reads articles is started
    main()
