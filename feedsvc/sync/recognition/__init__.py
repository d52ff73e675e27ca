"""Which published article a file is: by id, by name, by what it says. Copies are recognised, too."""
