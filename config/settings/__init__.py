"""Django's settings, one file per concern. The environment is read in `config/env.py` alone."""

from config.settings.base import *
from config.settings.data import *
from config.settings.api import *
from config.settings.jobs import *
from config.settings.security import *
from config.settings.privacy import *
from config.settings.linking import *
from config.settings.attestation import *
from config.settings.finance import *
from config.settings.experiments import *
from config.settings.passkeys import *
from config.settings.outbound import *
from config.settings.social import *
from config.settings.observability import *
