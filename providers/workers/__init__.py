"""Worker processes for CPU-bound work on photos, so that the event loop never waits for pixels.

`frames` is what travels through the pipes, ``__main__`` the worker's side, `worker` one worker as
the bot sees it, `pool` all of them. This file imports nothing, so that a worker starts quickly.
"""
