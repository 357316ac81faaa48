"""What can be seen of a running process: logs, metrics, traces, error reports, health and readiness.

Loading structlog would load rich, to colour tracebacks that we never print: an eighth of the time a process takes to
start. So it is told, this once, that there is no such module.
"""

import sys
from types import ModuleType
from typing import cast

if "structlog" not in sys.modules and "rich" not in sys.modules:
    sys.modules["rich"] = cast("ModuleType", None)  # what makes an import fail as for a module that is missing
    try:
        import structlog  # noqa: F401
    finally:
        del sys.modules["rich"]
