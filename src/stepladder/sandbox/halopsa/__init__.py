"""The sandbox HaloPSA: a small stateful server like the real one, with switches for what nobody knows."""

from .app import create_app
from .config import BadSeed, SandboxConfig, load_config
from .demo import demo_config
from .server import NotLoopback, run
from .switches import Switches

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
