"""Chat platforms: their events in, our messages out."""
