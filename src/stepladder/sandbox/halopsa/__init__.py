"""The sandbox HaloPSA: a small stateful server like the real one, with switches for what nobody knows."""

from stepladder.sandbox.halopsa.app import create_app
from stepladder.sandbox.halopsa.config import BadSeed, SandboxConfig, load_config
from stepladder.sandbox.halopsa.demo import demo_config
from stepladder.sandbox.halopsa.server import NotLoopback, run
from stepladder.sandbox.halopsa.switches import Switches

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
