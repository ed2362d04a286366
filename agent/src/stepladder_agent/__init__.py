"""The endpoint agent's asking side: it asks for elevation and believes only a signed, checked answer.

It speaks `stepladder_protocol` with the service and knows nothing else of it. It does not start programs.
"""


def agent_version() -> str:
    """The version of this distribution."""
    from importlib.metadata import version

    return version("stepladder-agent")
