"""Who makes headshots, and who looks at photos, behind the ports of `bot.ports`."""
