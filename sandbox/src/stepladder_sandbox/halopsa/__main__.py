"""`python -m stepladder_sandbox.halopsa`: a sandbox on this machine, until it is interrupted."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from stepladder_sandbox.halopsa.config import BadSeed, SandboxConfig, load_config
from stepladder_sandbox.halopsa.demo import demo_config, demo_tenant
from stepladder_sandbox.halopsa.server import NotLoopback, run


def main() -> int:
    """Read the command line, serve, and say in one line what went wrong if anything did."""
    options = _parser().parse_args()
    try:
        config, more = _config(options), _more(options)
        address = f"http://{options.host}:{options.port}"
        print(f"Sandbox HaloPSA on {address}, tenant {config.tenant}", flush=True)
        for each in more:
            client_id = each.applications[0].client_id
            print(f"  and {address}/t/{each.tenant}, tenant {each.tenant}, client {client_id}", flush=True)
        run(options.host, options.port, config, options.log, more_tenants=more)
    except (BadSeed, NotLoopback, OSError) as wrong:
        print(f"error: {wrong}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stepladder_sandbox.halopsa", description=__doc__)
    parser.add_argument(
        "--host", default="127.0.0.1", help="loopback address to listen on (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, default=8870, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="append every event to this file, one JSON object a line"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--seed-file", type=Path, metavar="FILE", help="JSON description of the tenant")
    source.add_argument("--demo", action="store_true", help="the demo tenant (default)")
    parser.add_argument(
        "--stepladder-url", default="http://127.0.0.1:8080", help="where the demo's buttons call"
    )
    parser.add_argument(
        "--device-name", default="", help="a machine that the demo's first customer owns as well"
    )
    parser.add_argument(
        "--tenant",
        action="append",
        default=[],
        metavar="NAME",
        help="one more tenant like the demo; repeatable",
    )
    return parser


def _more(options: argparse.Namespace) -> list[SandboxConfig]:
    key = os.environ.get("SANDBOX_API_KEY", "")
    return [demo_tenant(name, options.stepladder_url, key) for name in options.tenant]


def _config(options: argparse.Namespace) -> SandboxConfig:
    if options.seed_file:
        return load_config(options.seed_file)
    # The key comes by the environment: every process of the machine can read a command line.
    key = os.environ.get("SANDBOX_API_KEY", "")
    return demo_config(options.stepladder_url, key, device_name=options.device_name)


if __name__ == "__main__":
    sys.exit(main())
