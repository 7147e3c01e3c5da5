"""What outlives a restart: the journal, the wake-ups, the key ring, the vault, the audit chain.

Everything that concerns a person is sealed with that person's own key before it is written, and
found again by a keyed hash. Start at `storage.house.open_storage`. Only `bot.app` imports this
package; handlers and providers never do.
"""
