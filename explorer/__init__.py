"""The marketplace: listings, what people do with them, search, and a feed for each person.

Not here: sessions with mentors, which a listing of that category only leads to.
"""
