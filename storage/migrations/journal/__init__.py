"""Revisions of the journal's file."""
