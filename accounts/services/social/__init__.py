"""Signing in with Apple, Google and Facebook: coming in, keeping identities, and hearing from providers."""
