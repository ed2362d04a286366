"""The sandbox HaloPSA: a small stateful server like the real one, with switches for what is unknown."""

from stepladder_sandbox.halopsa.app import create_app
from stepladder_sandbox.halopsa.config import BadSeed, SandboxConfig, load_config
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.server import NotLoopback, run
from stepladder_sandbox.halopsa.switches import Switches

__all__ = [
    "BadSeed",
    "NotLoopback",
    "SandboxConfig",
    "Switches",
    "create_app",
    "demo_config",
    "load_config",
    "run",
]
