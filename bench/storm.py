"""A login storm: how one route fares while far more people sign in than the machine can hash passwords for."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bench import load
from bench.figures import Storm
from bench.load import Plan
from bench.run import Stand
from bench.workloads import Workload

STORMY_CONNECTIONS = 64
CALM_CONNECTIONS = 4
SECONDS = 8
HEAD_START = 1  # second, in which the queue for hashing fills


def measure(stand: Stand) -> Storm:
    """Ask for single events, first alone, then in the middle of a storm of logins."""
    one, login = (_plan(stand, workload) for workload in (Workload.ONE, Workload.LOGIN))
    calm = load.run(stand.server, one, connections=CALM_CONNECTIONS, seconds=SECONDS)
    with ThreadPoolExecutor(1) as pool:
        storm = pool.submit(
            load.run,
            stand.server,
            replace(login, may_shed=True),
            connections=STORMY_CONNECTIONS,
            seconds=SECONDS + 2 * HEAD_START,
        )
        time.sleep(HEAD_START)
        stormy = load.run(stand.server, one, connections=CALM_CONNECTIONS, seconds=SECONDS, wait=False)
        return Storm(calm, stormy, storm.result())


def _plan(stand: Stand, workload: Workload) -> Plan:
    plan = stand.peer.plan(workload, stand.callers)
    assert plan is not None, f"{stand.peer.name} has no {workload}"
    return plan
