"""Anything at all goes in; an article or a refusal comes out, and every document that holds the article parses."""
