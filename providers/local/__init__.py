"""The local renderer: from one selfie to headshots, on this machine."""
