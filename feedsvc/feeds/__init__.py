"""Articles become a document. Pure: no disk, no clock."""
