"""The core: what the bot decides, and the ports through which it acts."""
