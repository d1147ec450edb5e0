"""Accounts of a workshop: people sign up themselves, and a class code or the instructor approves them."""

from __future__ import annotations

import asyncio
import hmac
import pwd
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from jupyterhub.handlers.login import LoginHandler  # type: ignore[import-untyped]
from nativeauthenticator import NativeAuthenticator  # type: ignore[import-untyped]
from nativeauthenticator.handlers import AuthorizationAreaHandler, LocalBase, SignUpHandler  # type: ignore[import-untyped]
from nativeauthenticator.handlers import LoginHandler as NativeLoginHandler
from nativeauthenticator.orm import UserInfo  # type: ignore[import-untyped]
from traitlets import Tuple, Unicode

from course.classroom.hub import people
from course.classroom.hub.workshop import NAME_WORDS, Workshop

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
# Lower ids belong to system accounts: see login.defs(5), and launchd's on macOS.
FIRST_ACCOUNT_OF_A_PERSON: Final = 500


class LogIn(LoginHandler, LocalBase):  # type: ignore[misc]
    """JupyterHub's own login page, which also tells people that they still wait for approval.

    The native authenticator's page (1.3) needs a part of JupyterHub that JupyterHub 6 has removed.
    """

    def _render(self, login_error: str | None = None, username: str | None = None, **options: Any) -> Any:
        """Render the form, with the reason why logging in failed."""
        user = self.authenticator.get_user(username) if login_error and username else None
        if user and not user.is_authorized and user.is_valid_password(self.get_argument("password", "", strip=False)):
            login_error = "Your instructor has not let you in yet. Tell your instructor, and then try again."
        if login_error and username and self.authenticator.is_blocked(self.authenticator.normalize_username(username)):
            login_error = "There were too many attempts to log in with this name. Wait a minute, and then try again."
        return super()._render(login_error, username, **options)


class SignUp(SignUpHandler):  # type: ignore[misc]
    """The sign-up page."""

    async def get(self) -> None:
        """Show the form."""
        await self._show()

    async def post(self) -> None:
        """Create the account, or show what is wrong with the form."""
        name = self.authenticator.normalize_username(self.get_body_argument("username", "").strip())
        password = self.get_body_argument("signup_password", "", strip=False)
        again = self.get_body_argument("signup_password_confirmation", "", strip=False)
        code = self.get_body_argument("code", "").strip()
        person = {field: people.clean(self.get_body_argument(field, "")) for field in self._fields()}
        problem = people.describe_problem(person) or self._problem(name, password, again, code)
        if code and not self.authenticator.is_code(code):
            # Slow down guessing to one code a second.
            await asyncio.sleep(1)
        if problem:
            await self._show("alert-danger", problem, name, person)
            return
        user = self.authenticator.create_user(name, password)
        if user is None:
            failed = "This account could not be created. Please tell your instructor."
            await self._show("alert-danger", failed, name, person)
            return
        people.add_person(Workshop.from_environment().people, name, person)
        called = f"{people.full_name(person)}. Your login name is {name}"
        if self.authenticator.is_let_in(name, code):
            user.is_authorized = True
            self.db.commit()
            await self._show("alert-success", f"Welcome, {called}. You can log in now.")
        else:
            await self._show(
                "alert-info",
                f"Thank you, {called}. You can log in as soon as your instructor has let you in. Tell your instructor.",
            )

    def _problem(self, name: str, password: str, again: str, code: str) -> str:
        """Return what must be corrected first; empty if nothing is wrong."""
        authenticator = self.authenticator
        taken = (user.username for user in self.db.query(UserInfo))
        if not name or not authenticator.validate_username(name) or _is_of_the_system(name):
            return (
                f"Please choose another login name, such as {people.free_login(name, taken)}: {NAME_WORDS}. "
                "It must not be a name that this machine uses itself, such as root."
            )
        if authenticator.user_exists(name):
            return (
                f"Somebody has signed up as {name} already. If that was you, log in; if not, choose another login "
                f"name, such as {people.free_login(name, taken)}."
            )
        if password != again:
            return "The two passwords are not the same. Please type them again."
        if not authenticator.is_password_strong(password):
            shortest = authenticator.minimum_password_length
            return f"Please choose another password: at least {shortest} characters, and not a common one."
        if code and not authenticator.is_code(code):
            return "This is not the class code. Check it, or leave it out and wait for your instructor to let you in."
        return ""

    def _fields(self) -> list[str]:
        """Return what the page asks about a person, in nbgrader's words."""
        asked = Workshop.from_environment().asks
        more = {"email": people.EMAIL, "id": people.ID_NUMBER}
        return [people.FIRST_NAME, people.LAST_NAME, *(field for key, field in more.items() if key in asked)]

    async def _show(
        self, alert: str = "", message: str = "", name: str = "", person: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        html = await self.render_template(
            "signup.html",
            alert=alert,
            result_message=message,
            username=name,
            fields=self._fields(),
            person=person,
            asks_for_code=bool(self.authenticator.code),
            minimum_password_length=self.authenticator.minimum_password_length,
        )
        self.finish(html)


class WhoIsIn(AuthorizationAreaHandler):  # type: ignore[misc]
    """The page on which an instructor lets people in, with their real names."""

    async def render_template(self, name: str, **options: Any) -> Any:
        """Render the page, with what people gave at sign-up."""
        return await super().render_template(
            name, people=people.read_people(Workshop.from_environment().people), **options
        )


class ClassAuthenticator(NativeAuthenticator):  # type: ignore[misc]
    """JupyterHub's native authenticator with a class code, and with accounts for instructors from the start."""

    code = Unicode(config=True, help="People who give this code at sign-up need no approval. Empty: everybody does.")
    roster = Tuple(config=True, help="The names that may use the code. Empty: every name may.")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Otherwise the first person to sign up under an instructor's name would become the instructor.
        for name in sorted(self.admin_users):
            if not self.user_exists(name):
                self.create_user(name, first_password(Workshop.from_environment().password(name)))

    def is_code(self, given: str) -> bool:
        """Whether this is the class code, ignoring case."""
        return bool(self.code) and hmac.compare_digest(given.casefold().encode(), self.code.casefold().encode())

    def is_let_in(self, name: str, code: str) -> bool:
        """Whether a new account needs no approval."""
        return self.is_code(code) and (not self.roster or name in self.roster)

    def get_handlers(self, app: Any) -> list[tuple[str, type]]:
        """Return the native authenticator's pages, with our own for signing up and logging in."""
        ours = {SignUpHandler: SignUp, NativeLoginHandler: LogIn, AuthorizationAreaHandler: WhoIsIn}
        return [(path, ours.get(page, page)) for path, page in super().get_handlers(app)]


def _is_of_the_system(name: str) -> bool:
    try:
        return pwd.getpwnam(name).pw_uid < FIRST_ACCOUNT_OF_A_PERSON
    except KeyError:
        return False


def first_password(file: Path) -> str:
    """Return the password in the file; create both if there is no file. Only the file's owner can read it."""
    if not file.exists():
        file.touch(mode=0o600)
        words = ("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(3))
        file.write_text("-".join(words) + "\n", encoding="utf-8")
    return file.read_text(encoding="utf-8").strip()
