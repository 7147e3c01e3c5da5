"""How fast this machine makes headshots. Each module here has ``async def run() -> None``."""
