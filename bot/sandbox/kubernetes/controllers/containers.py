"""One container after the other: pulled, started, ready, ended, started again, each after a short time.

How long depends on the pod's name alone. The faults keep a container from it as the outside world would: `image`,
`not-ready`, `crash`, `oom`, `probe`, `fail-job`, `slow-start`; a Secret or ConfigMap that is not there does by itself.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.faults import Fault
from bot.sandbox.kubernetes import images
from bot.sandbox.kubernetes.controllers.context import POD, Context, Target, workloads_of
from bot.sandbox.kubernetes.references import missing_in_environment
from bot.sandbox.kubernetes.storage import Object, now

KUBELET = "kubelet"
RETRY = 2.0
"""Seconds between two tries of what failed (the real kubelet backs off from 10 s to 5 min)."""
BRIEF = 0.2
KILLED = 137


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a pod, on its way."""

    context: Context
    pod: Object
    spec: Object
    old: Object
    """Its container status."""
    init: bool = False

    def advanced(self) -> Object:
        """Answer its status one stage further, or as it was when its time has not come."""
        state = self.old["state"]
        if "running" in state:
            return self._run()
        if "terminated" in state:
            return self._after_end()
        reason = state["waiting"]["reason"]
        steps: dict[str, Callable[[], Object]] = {
            "ErrImagePull": self._back_off_pull,
            "ImagePullBackOff": self._pull_again,
            "CreateContainerConfigError": self._configure_again,
            "CrashLoopBackOff": self._start_again,
        }
        return steps.get(reason, self._pull)()

    def is_sidecar(self) -> bool:
        """Say whether it is an init container that goes on running."""
        return self.init and self.spec.get("restartPolicy") == "Always"

    def _pull(self) -> Object:
        image = self.spec["image"]
        if self._stage() != "pulling":
            self._event("Normal", "Pulling", f'Pulling image "{image}"')
        if not self._waited("pulling", 0.4 + 1.2 * _spread(self.pod, 0)):
            return self.old
        if self._cannot_pull():
            return self._fail_pull()
        said = f'Successfully pulled image "{image}" in 1.2s (1.2s including waiting).'
        self._event("Normal", "Pulled", f"{said} Image size: {_size(image)} bytes.")
        return self._configured()

    def _configured(self) -> Object:
        missing = missing_in_environment(
            self.context.storage, self.pod["metadata"]["namespace"], self.spec
        )
        if missing:
            self._event("Warning", "Failed", f"Error: {missing}")
            self._again(RETRY)
            return self._waiting("CreateContainerConfigError", missing)
        return self._started()

    def _configure_again(self) -> Object:
        if not self._waited("configuring again", RETRY):
            return self.old
        self._leave()
        return self._configured()

    def _fail_pull(self) -> Object:
        image = self.spec["image"]
        full = images.in_full(image)
        said = (
            f'failed to pull and unpack image "{full}": failed to resolve reference "{full}": '
            f"{full}: not found"
        )
        said = f'Failed to pull image "{image}": rpc error: code = NotFound desc = {said}'
        self._event("Warning", "Failed", said)
        self._event("Warning", "Failed", "Error: ErrImagePull")
        return self._waiting("ErrImagePull", said.partition(": ")[2])

    def _back_off_pull(self) -> Object:
        if not self._waited("backing off", RETRY / 2):
            return self.old
        said = f'Back-off pulling image "{self.spec["image"]}"'
        self._event("Normal", "BackOff", said)
        self._event("Warning", "Failed", "Error: ImagePullBackOff")
        return self._waiting("ImagePullBackOff", said)

    def _pull_again(self) -> Object:
        if not self._waited("pulling again", RETRY):
            return self.old
        if self._cannot_pull():
            self._leave()
            self._again(RETRY)
            return self.old
        return self._configured()

    def _started(self, *, restarted: bool = False) -> Object:
        name = self.spec["name"]
        if restarted:
            said = f'Container image "{self.spec["image"]}" already present on machine'
            self._event("Normal", "Pulled", said)
        self._event("Normal", "Created", f"Created container: {name}")
        self._event("Normal", "Started", f"Started container {name}")
        started = not self.spec.get("startupProbe") and not self.init
        made = self._status({"running": {"startedAt": now()}}, started=started)
        made["image"] = images.in_full(self.spec["image"])
        made["imageID"] = self.context.registry.image_id(self.spec["image"])
        made["restartCount"] = self.old["restartCount"] + (1 if restarted else 0)
        seed = f"{self.pod['metadata']['uid']}/{name}/{made['restartCount']}"
        made["containerID"] = f"containerd://{hashlib.sha256(seed.encode()).hexdigest()}"
        return made

    def _run(self) -> Object:
        if self.old["ready"]:
            return self._probed()
        if not self._waited("starting", self._start_time()):
            return self.old
        if self._fault("oom"):
            return self._ended(KILLED, "OOMKilled")
        if self._fault("crash") or (self._is_of_a_job() and self._fault("fail-job")):
            return self._ended(1, "Error")
        if self.init and not self.is_sidecar():
            return self._ended(0, "Completed")
        if self.pod["spec"]["restartPolicy"] != "Always" and not self.is_sidecar():
            return self._ended(0, "Completed")
        if self._fault("not-ready"):
            said = "Readiness probe failed: HTTP probe failed with statuscode: 503"
            self._event("Warning", "Unhealthy", said)
            self._again(RETRY)
            return self.old | {"started": True}
        self._again(0)
        return self._status(self.old["state"], started=True, ready=True)

    def _probed(self) -> Object:
        """What runs and is ready may still fail its liveness probe."""
        if not self._fault("probe"):
            return self.old
        if not self._waited("failing its probe", RETRY / 2):
            return self.old
        self._leave()
        said = "Liveness probe failed: HTTP probe failed with statuscode: 500"
        self._event("Warning", "Unhealthy", said)
        name = self.spec["name"]
        said = f"Container {name} failed liveness probe, will be restarted"
        self._event("Normal", "Killing", said)
        return self._ended(KILLED, "Error")

    def _ended(self, code: int, reason: str) -> Object:
        self._leave()
        running = self.old["state"]["running"]
        ended = {
            "exitCode": code,
            "reason": reason,
            "startedAt": running["startedAt"],
            "finishedAt": now(),
            "containerID": self.old.get("containerID", ""),
        }
        done = code == 0 and self.init
        return self._status({"terminated": ended}, ready=done)

    def _after_end(self) -> Object:
        """Start again what has ended, as the restart policy says; not the first time only after a while."""
        ended = self.old["state"]["terminated"]
        policy = self.pod["spec"].get("restartPolicy", "Always")
        if self.is_sidecar():
            policy = "Always"
        if policy == "Never" or (ended["exitCode"] == 0 and (policy != "Always" or self.init)):
            return self.old
        if not self._waited("ended", BRIEF):
            return self.old
        self._leave()
        kept = {**self.old, "lastState": {"terminated": ended}}
        if self.old["restartCount"] == 0:
            return self._with(kept)._started(restarted=True)
        where = _called(self.pod)
        name = self.spec["name"]
        said = f"Back-off restarting failed container {name} in pod {where}"
        self._event("Warning", "BackOff", said)
        seconds = min(300, 10 * 2 ** (self.old["restartCount"] - 1))
        shown = f"{seconds // 60}m{seconds % 60}s" if seconds >= 60 else f"{seconds}s"
        said = f"back-off {shown} restarting failed container={name} pod={where}"
        return self._with(kept)._waiting("CrashLoopBackOff", said)

    def _start_again(self) -> Object:
        if not self._waited("crashed", RETRY):
            return self.old
        self._leave()
        return self._started(restarted=True)

    def _with(self, old: Object) -> "Container":
        return Container(
            context=self.context, pod=self.pod, spec=self.spec, old=old, init=self.init
        )

    def _waiting(self, reason: str, message: str) -> Object:
        return self._status({"waiting": {"reason": reason, "message": message}})

    def _status(self, state: Object, *, started: bool = False, ready: bool = False) -> Object:
        return {**self.old, "state": state, "started": started, "ready": ready}

    def _start_time(self) -> float:
        probe = self.spec.get("readinessProbe") or {}
        delay = float(probe.get("initialDelaySeconds", 0))
        slow = self._fault("slow-start")
        more = float(slow.details.get("seconds", 30)) if slow else 0.0
        if slow:
            self._again(RETRY)  # it may be cleared any time
        return 0.4 + 1.8 * _spread(self.pod, 1) + min(2.0, delay) + more

    def _fault(self, kind: str) -> Fault | None:
        """Find a fault of this container: one that names no container means the first one."""
        found = self.context.fault(kind, *workloads_of(self.context, self.pod))
        first = self.pod["spec"]["containers"][0]["name"]
        if found is None or found.details.get("container", first) != self.spec["name"]:
            return None
        return found

    def _is_of_a_job(self) -> bool:
        owners = self.pod["metadata"].get("ownerReferences") or []
        return any(each["kind"] == "Job" for each in owners)

    def _cannot_pull(self) -> bool:
        image = self.spec["image"]
        target = f"cluster/{self.context.cluster}"
        return any(
            (each.target, each.fault) == (target, "image")
            and image.startswith(str(each.details.get("image", "")))
            for each in self.context.faults.all()
        )

    def _event(self, kind: str, reason: str, message: str) -> None:
        part = "initContainers" if self.init else "containers"
        path = f"spec.{part}{{{self.spec['name']}}}"
        self.context.event(self.pod, kind, reason, message, KUBELET, field=path)

    def _key(self) -> str:
        return f"{self.pod['metadata']['uid']}/{self.spec['name']}"

    def _stage(self) -> str:
        return self.context.stages.get(self._key(), ("", 0.0))[0]

    def _leave(self) -> None:
        """Forget the stage, so that the same one begins anew when it is entered again."""
        self.context.stages.pop(self._key(), None)

    def _waited(self, stage: str, seconds: float) -> bool:
        return self.context.waited(_target(self.pod), self._key(), stage, seconds)

    def _again(self, seconds: float) -> None:
        self.context.again(_target(self.pod), seconds / self.context.speed)


def fresh(spec: Object, *, behind_inits: bool) -> Object:
    """Answer the status of a container that has not begun."""
    reason = "PodInitializing" if behind_inits else "ContainerCreating"
    return {
        "name": spec["name"],
        "state": {"waiting": {"reason": reason}},
        "lastState": {},
        "ready": False,
        "started": False,
        "restartCount": 0,
        "image": spec["image"],
        "imageID": "",
    }


def _target(pod: Object) -> Target:
    return POD, pod["metadata"]["namespace"], pod["metadata"]["name"]


def _called(pod: Object) -> str:
    meta = pod["metadata"]
    return f"{meta['name']}_{meta['namespace']}({meta['uid']})"


def _spread(pod: Object, which: int) -> float:
    """Answer a number from 0 to 1 that depends on the pod's name alone."""
    return hashlib.sha256(pod["metadata"]["name"].encode()).digest()[which] / 255


def _size(image: str) -> int:
    return 20_000_000 + int.from_bytes(hashlib.sha256(image.encode()).digest()[:3], "big")
