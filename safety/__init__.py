"""The safety of people among each other: reports of what they meet, the queue of staff, and blocks.

Not here: taking content down, which the app does that owns it.
"""
