"""Random inputs give an article or a refusal, and every document with the article can be parsed."""
