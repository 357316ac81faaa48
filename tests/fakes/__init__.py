"""Stand-ins for services of others: the real protocol over real sockets, so that our real client is tested."""
