"""Revisions of the key ring's file."""
