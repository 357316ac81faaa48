"""Fixtures that every app's tests share. The environment is set before Django reads it."""

from tests import environment

environment.prepare()
