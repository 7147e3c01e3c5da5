"""Headshots made by a model that Replicate runs; `provider` is the adapter, the rest its parts."""
