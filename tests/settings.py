"""The settings of a test process: the real ones, read in an environment of its own.

pytest-django reads settings before it loads any conftest, so the environment is prepared here.
"""

from tests.environment import prepare

prepare()

from config.settings import *  # noqa: E402, F403
