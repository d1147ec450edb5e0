"""Let learners come in by a link in their learning platform (LTI). JupyterHub reads this file.

On a campus it is handed to the chart: ``helm upgrade … --set-file hub.extraConfig.lti=deploy/lti_config.py``. What the
platform and the hub have agreed on comes from the environment, so that no secret stands in a file:

- LTI 1.1: ``LTI_CONSUMER_KEY`` and ``LTI_SHARED_SECRET``, both made up by you.
- LTI 1.3: ``LTI_CLIENT_ID``, ``LTI_ISSUER``, ``LTI_AUTHORIZE_URL`` and ``LTI_JWKS_ENDPOINT``, all from the platform.
- ``LTI_USERNAME_KEY``, if learners should get another name than the number the platform has for them.
"""

import os
from typing import Any

from jupyterhub.app import JupyterHub
from ltiauthenticator.lti11.auth import LTI11Authenticator
from ltiauthenticator.lti11.handlers import LTI11AuthenticateHandler
from tornado.web import HTTPError

KEYS_1_1 = ("LTI_CONSUMER_KEY", "LTI_SHARED_SECRET")
KEYS_1_3 = ("LTI_CLIENT_ID", "LTI_ISSUER", "LTI_AUTHORIZE_URL", "LTI_JWKS_ENDPOINT")
SHORTEST_SECRET = 32


def settings(names: tuple[str, ...]) -> dict[str, str]:
    """Return the settings that are there; all of them, or none.

    Raises
    ------
    SystemExit
        If some are there and others are not.
    """
    values = {name: os.environ[name] for name in names if os.environ.get(name)}
    if missing := [name for name in names if name not in values]:
        if values:
            raise SystemExit(f"LTI: {', '.join(values)} is set, but not {', '.join(missing)}. Set all of them or none.")
        return {}
    return values


class Launch(LTI11AuthenticateHandler):
    """Where the platform sends people, and where the hub sends those it does not know."""

    def get(self) -> None:
        """Say how to come in. By itself ltiauthenticator would say: 405, Method Not Allowed."""
        raise HTTPError(
            403,
            "Open the course through its link in your learning platform. If you came from there, the name it gave you "
            "cannot be used here: tell your instructor.",
        )


class LaunchAuthenticator(LTI11Authenticator):
    """LTI 1.1, with a page for those who come without the platform."""

    def get_handlers(self, app: JupyterHub) -> Any:
        """Return what answers at which address."""
        handlers = dict(super().get_handlers(app))
        return list((handlers | {"/lti/launch": Launch}).items())


c = get_config()  # noqa: F821 - JupyterHub puts it here
old, new = settings(KEYS_1_1), settings(KEYS_1_3)
if bool(old) == bool(new):
    raise SystemExit(f"LTI: set either {' and '.join(KEYS_1_1)}, or {', '.join(KEYS_1_3)}.")

if old:
    if len(old["LTI_SHARED_SECRET"]) < SHORTEST_SECRET:
        raise SystemExit(
            f"LTI: LTI_SHARED_SECRET has fewer than {SHORTEST_SECRET} characters. Whoever guesses it can log in as "
            "anybody. Make one with: openssl rand -hex 32"
        )
    c.JupyterHub.authenticator_class = LaunchAuthenticator
    c.LTI11Authenticator.consumers = {old["LTI_CONSUMER_KEY"]: old["LTI_SHARED_SECRET"]}
    # The number never changes and is never given to somebody else. People can change their name or mail address, and
    # with that become somebody else here.
    c.LTI11Authenticator.username_key = os.environ.get("LTI_USERNAME_KEY", "user_id")
else:
    c.JupyterHub.authenticator_class = "ltiauthenticator.lti13.auth.LTI13Authenticator"
    c.LTI13Authenticator.client_id = {new["LTI_CLIENT_ID"]}
    c.LTI13Authenticator.issuer = new["LTI_ISSUER"]
    c.LTI13Authenticator.authorize_url = new["LTI_AUTHORIZE_URL"]
    c.LTI13Authenticator.jwks_endpoint = new["LTI_JWKS_ENDPOINT"]
    c.LTI13Authenticator.username_key = os.environ.get("LTI_USERNAME_KEY", "sub")

# The platform decides who is in the course; the hub lets in whom it sends.
c.Authenticator.allow_all = True
# Names become names of folders, and parts of addresses.
c.Authenticator.username_pattern = r"[a-z0-9][a-z0-9._@-]{0,63}\Z"
