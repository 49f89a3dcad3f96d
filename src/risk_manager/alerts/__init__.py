"""Telling people who do not look at a screen: words, storms, forms, the outbox, and the channels out."""
