"""Django's settings, one file per concern. The environment is read in `config/env.py` alone."""

from config.settings.base import *
from config.settings.data import *
from config.settings.api import *
from config.settings.jobs import *
from config.settings.security import *
from config.settings.observability import *
