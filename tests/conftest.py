"""Fixtures that every app's tests share. The environment is set before Django reads it."""

import os
import tempfile

os.environ.setdefault("ENVIRONMENT", "test")
os.environ.setdefault("GIGVORA_HOME", tempfile.mkdtemp(prefix="gigvora-test-"))
