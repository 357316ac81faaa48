"""The settings of a test process: the real ones, read in an environment of its own.

pytest-django reads settings before it loads any conftest, so the environment is prepared here.
"""

import os

from tests.environment import prepare

prepare()
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"  # for the processes that tests start

from config.settings import *  # noqa: E402, F403
