"""Where the credentials of a cluster come from: a kubeconfig, the Pod's own account, a Secret, a setting.

A source reads a `Login`, and says cheaply whether what it read has changed since: files are looked at before each
request. A Secret is read again when the API server refuses what it held.
"""

import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.aio.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION

from bot.catalog.documents import YamlProblem, documents_in
from bot.catalog.model import Cluster, SecretKey
from bot.cluster.kube.files import Files
from bot.cluster.kube.logins import Document, Login, bearer, of_kubeconfig
from bot.cluster.kube.secrets import of_secret
from bot.cluster.port import Manifest
from bot.errors import Permanent, Temporary

ReadSecret = Callable[[SecretKey], Awaitable[Manifest]]
Reveal = Callable[[str], str | None]


class Credentials(Protocol):
    """One source."""

    async def read(self) -> Login:
        """Read the login. Raises Permanent for what has to be mended first, Temporary when it cannot be asked."""
        ...

    def changed(self) -> bool:
        """Say whether what was read last may be out of date. Never waits."""
        ...


class InKubeconfig:
    """A context (empty: the current one) of one or several kubeconfig files."""

    def __init__(self, paths: Sequence[Path], context: str) -> None:
        self._paths = paths
        self._context = context
        self._files = Files()

    async def read(self) -> Login:
        """Read the files, and those that they name."""
        files = self._files = Files()
        found = [each for each in self._paths if files.has(each)]
        if not found:
            raise Permanent(f"there is no kubeconfig {' or '.join(map(str, self._paths))}")
        documents = [
            Document(parsed(files.content(each).decode()), each.parent.absolute()) for each in found
        ]
        return of_kubeconfig(documents, self._context, files)

    def changed(self) -> bool:
        """Say whether one of the files is another one now."""
        return self._files.changed()


class InPod:
    """The account of the Pod that Shipmate runs in. Kubernetes changes its token about every hour."""

    def __init__(
        self,
        token: Path = Path(SERVICE_TOKEN_FILENAME),
        authority: Path = Path(SERVICE_CERT_FILENAME),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment`: where Kubernetes says its address; None: the process's own."""
        self._token = token
        self._authority = authority
        self._more = {} if environment is None else {"environ": environment}
        self._files = Files()

    @property
    def there(self) -> bool:
        """Whether Shipmate runs in a Pod with an account."""
        return self._token.exists()

    async def read(self) -> Login:
        """Read the token and the address."""
        files = self._files = Files()
        configuration = Configuration()
        loader = InClusterConfigLoader(
            token_filename=str(self._token),
            cert_filename=str(self._authority),
            try_refresh_token=False,
            **self._more,
        )
        try:
            loader.load_and_set(configuration)
        except (ConfigException, OSError) as error:
            raise Permanent("Shipmate does not run in a Pod with a service account") from error
        return Login(
            server=configuration.host,
            authority=files.content(self._authority),
            authorization=bearer(files.content(self._token)),
        )

    def changed(self) -> bool:
        """Say whether the token is another one now."""
        return self._files.changed()


@dataclass(frozen=True, slots=True)
class InSecret:
    """A Secret on the cluster that Shipmate belongs to."""

    key: SecretKey
    get: ReadSecret

    async def read(self) -> Login:
        """Ask for the Secret."""
        return of_secret(await self.get(self.key), self.key.key, parsed)

    def changed(self) -> bool:
        """Never know by itself."""
        return False


@dataclass(frozen=True, slots=True)
class InSetting:
    """A setting that holds a kubeconfig."""

    name: str
    reveal: Reveal

    async def read(self) -> Login:
        """Read the setting."""
        text = self.reveal(self.name)
        if text is None:
            raise Permanent(f"SHIPMATE_SECRET_{self.name} is not set")
        return of_kubeconfig([Document(parsed(text), None)], "", Files())

    def changed(self) -> bool:
        """Never: settings are read at start."""
        return False


class Named:
    """A source whose errors say whose credentials they are about, and from where."""

    def __init__(self, cluster: str, place: str, source: Credentials) -> None:
        self._what = f"the credentials of {cluster} ({place})"
        self._source = source

    async def read(self) -> Login:
        """Read the login. Raises as the source does; inside `named` with the name."""
        login = await self._source.read()
        if not login.server.startswith(("https://", "http://")):
            login = replace(login, server=f"https://{login.server}")
        return login

    @contextmanager
    def named(self) -> Iterator[None]:
        """Put the name before what is raised inside."""
        try:
            yield
        except Permanent as error:
            raise Permanent(f"{self._what} cannot be used: {error}", code=error.code) from error
        except Temporary as error:
            raise Temporary(
                f"{self._what} cannot be read now: {error}", retry_after=error.retry_after
            ) from error
        except ValueError as error:  # what is no text
            raise Permanent(f"{self._what} cannot be used") from error

    def changed(self) -> bool:
        """Say whether what was read last may be out of date."""
        return self._source.changed()


def credentials_of(
    cluster: Cluster, kubeconfig: Path | None, get: ReadSecret, reveal: Reveal
) -> Named:
    """Answer where the credentials of a cluster come from. `kubeconfig`: the file for those that name none."""
    if cluster.secret is not None:
        place = f"the Secret {cluster.secret.name} in {cluster.secret.namespace}"
        return Named(cluster.name, place, InSecret(cluster.secret, get))
    if cluster.from_setting:
        place = f"the setting SHIPMATE_SECRET_{cluster.from_setting}"
        return Named(cluster.name, place, InSetting(cluster.from_setting, reveal))
    older = cluster.context == "in-cluster" and not cluster.kubeconfig and kubeconfig is None
    if cluster.in_cluster or older:
        return Named(cluster.name, "the Pod's own", InPod())
    paths = paths_of(cluster.kubeconfig or kubeconfig)
    said = f"context {cluster.context}" if cluster.context else "the current context"
    place = f"{said} of {', '.join(map(str, paths))}"
    return Named(cluster.name, place, InKubeconfig(paths, cluster.context))


def of_home(kubeconfig: Path | None) -> Named:
    """Answer where the credentials of the cluster come from that Shipmate belongs to."""
    pod = InPod()
    if pod.there:
        return Named("Shipmate's own cluster", "the Pod's own", pod)
    paths = paths_of(kubeconfig)
    place = f"the current context of {', '.join(map(str, paths))}"
    return Named("Shipmate's own cluster", place, InKubeconfig(paths, ""))


def paths_of(given: str | Path | None) -> list[Path]:
    """Split what KUBECONFIG may hold: several files, of which the first one wins. None: the usual place."""
    text = str(given or KUBE_CONFIG_DEFAULT_LOCATION)
    return [Path(each).expanduser() for each in text.split(os.pathsep) if each]


def parsed(text: str) -> Mapping[str, Any]:
    """Read YAML or JSON, within the limits of workflow files. Raises Permanent that says the line and shows nothing of it."""
    try:
        found = next((each.value for each in documents_in(text.encode("utf-8", "replace"))), None)
    except YamlProblem as error:
        where = f" (line {error.line})"
        raise Permanent(f"the kubeconfig is no YAML{where}") from None  # the cause would show it
    except (ValueError, RecursionError):  # a day that there is not; brackets without end
        raise Permanent("the kubeconfig is no YAML") from None  # as above
    if not isinstance(found, dict):
        raise Permanent("the kubeconfig is no YAML with keys")
    return found
