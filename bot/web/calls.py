"""Turns what a trigger was called with into requests, and asks them as everyone does: through the router."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.catalog.machines import Trigger, TriggerAction
from bot.catalog.model import Application, Catalog
from bot.clock import Clock
from bot.command.grammar import unparse
from bot.command.requests import Approve, Asker, Deploy, Request, Rollback, RunName, Stop
from bot.command.router import Router
from bot.operations.finding import author_called, unknown
from bot.operations.results import (
    Audited,
    Decided,
    Intervened,
    Result,
    RollbackProposed,
    Started,
    Voted,
)
from bot.policy.refusals import Code, Refusal
from bot.rendering.images import parse_image
from bot.rendering.repositories import components_of, same_repository
from bot.run import code
from bot.run.model import Run, RunPhase
from bot.run.origin import WEBHOOK
from bot.run.ports import Runs
from bot.web.answers import Sentence, problem_of
from bot.web.elsewhere import Answer
from bot.web.once import Audit
from bot.web.payloads import Asked, Passed, Payload, Push
from bot.web.shapes import run_shape

VIA = "trigger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call while it is done."""

    trigger: Trigger
    request: str
    audited: Audit


class Calls:
    """Does what triggers are called for."""

    def __init__(
        self,
        *,
        router: Router,
        runs: Runs,
        catalog: Callable[[], Catalog],
        clock: Clock,
        sentence: Sentence,
    ) -> None:
        """`sentence` says why something was not done."""
        self._router = router
        self._runs = runs
        self._catalog = catalog
        self._clock = clock
        self._sentence = sentence

    async def do(self, trigger: Trigger, payload: Payload, request: str, audited: Audit) -> Answer:
        """Do it once under the id `request`. Raises Problem when it is refused."""
        assert not isinstance(payload, Passed), "there is nothing to do"
        call = Call(trigger=trigger, request=request, audited=audited)
        result = await self._done(call, payload)
        if isinstance(result, Refusal):
            raise problem_of(result, self._sentence)
        return Answer(status=200, body=_success(result))

    async def _done(self, call: Call, payload: Push | Asked) -> Result:
        """Do what a trigger may be used for."""
        action = TriggerAction.EXECUTE if isinstance(payload, Push) else payload.action
        if action not in call.trigger.actions:
            return self._may_not(call, action)
        if isinstance(payload, Push):
            return await self._pushed(call, payload)
        match payload.action:
            case TriggerAction.EXECUTE:
                return await self._execute(call, payload)
            case TriggerAction.APPROVE:
                return await self._approve(call, payload.step)
            case TriggerAction.TERMINATE:
                return await self._terminate(call)
            case TriggerAction.ROLLBACK:
                return await self._roll_back(call)

    async def _pushed(self, call: Call, push: Push) -> Result:
        """Deliver an image to the components that are built of its repository."""
        application = self._application(call)
        wanted = self._wanted(call, application)
        found = [each for each in components_of(application, push.image) if each in wanted]
        deploy = _deploy(call, images=dict.fromkeys(found, push.image))
        if not found:
            return self._unknown(call, deploy, application, push.image, "")
        return await self._ask(call, _as_built(deploy, application))

    async def _execute(self, call: Call, asked: Asked) -> Result:
        """Deliver what a CI system has built, or what is there once more."""
        application = self._application(call)
        wanted = self._wanted(call, application)
        info = asked.code or code.Code()
        deploy = replace(
            _deploy(call, images=dict(asked.images)),
            commit=asked.commit,
            branch=info.branch,
            author=author_called(self._catalog(), info.author),
            message=info.message,
        )
        for name, image in asked.images.items():
            own = next((each for each in application.components if each.name == name), None)
            if own is None or not own.has_image:
                continue  # the operation says so, with the names that come near
            if name not in wanted:
                refused = unknown(Code.UNKNOWN_COMPONENT, name, wanted)
                return self._refused(call, deploy, refused)
            if not same_repository(str(own.properties["image"]), image):
                return self._unknown(call, deploy, application, image, name)
        return await self._ask(call, _as_built(deploy, application))

    async def _approve(self, call: Call, step: str) -> Result:
        run = await self._under_way(call)
        if run is None:
            return self._refused(call, _place_only(call), _nothing(call))
        return await self._ask(call, Approve(run=RunName(id=run.id), step=step))

    async def _terminate(self, call: Call) -> Result:
        run = await self._under_way(call)
        if run is None:
            return self._refused(call, _place_only(call), _nothing(call))
        return await self._ask(call, Stop(run=RunName(id=run.id), reason="by its trigger"))

    async def _roll_back(self, call: Call) -> Result:
        """Go back: end what waits at a gate, as there is no other way past it, look what would change, and confirm that."""
        begun = await self._begun(call)
        if begun is not None:
            return Started(run=begun, again=True)
        run = await self._under_way(call)
        if run is not None and run.phase is RunPhase.SUSPENDING:
            stopped = await self._ask(
                call, Stop(run=RunName(id=run.id), reason="its trigger goes back")
            )
            if isinstance(stopped, Refusal):
                return stopped
        back = Rollback(application=call.trigger.application, environment=call.trigger.environment)
        shown = await self._ask(call, back)
        if not isinstance(shown, RollbackProposed):
            return shown
        confirmed = replace(
            back,
            revision=shown.target.number,
            confirmed=shown.digest,
            note="by its trigger",
        )
        return await self._ask(call, confirmed)

    async def _ask(self, call: Call, request: Request) -> Result:
        """Ask as the trigger; whatever it may do is up to its roles."""
        asker = Asker(
            chat=WEBHOOK,
            identity=call.trigger.name,
            email="",
            channel="",
            via=VIA,
            request=call.request,
        )
        result, audited = await self._router.answer(asker, request)
        call.audited.append(audited)
        return result

    async def _begun(self, call: Call) -> Run | None:
        """Answer the run that this call has added before its process died."""
        place = (call.trigger.application, call.trigger.environment)
        found, _ = await self._runs.add(*place, lambda _: None, request=call.request)
        return found

    async def _under_way(self, call: Call) -> Run | None:
        found = await self._runs.latest(call.trigger.application, call.trigger.environment)
        return found.unfinished

    def _application(self, call: Call) -> Application:
        return self._catalog().applications[call.trigger.application]

    def _wanted(self, call: Call, application: Application) -> tuple[str, ...]:
        """Name the components that a trigger may bring images for."""
        return call.trigger.components or tuple(
            each.name for each in application.components if each.has_image
        )

    def _unknown(
        self, call: Call, asked: Deploy, application: Application, image: str, component: str
    ) -> Refusal:
        wanted = self._wanted(call, application)
        known = [
            parse_image(str(each.properties["image"])).name
            for each in application.components
            if each.name in wanted and each.has_image and component in {"", each.name}
        ]
        facts = {
            "image": image,
            "application": application.name,
            "component": component,
            "known": ", ".join(dict.fromkeys(known)),
        }
        return self._refused(call, asked, Refusal(code=Code.REPOSITORY_UNKNOWN, facts=facts))

    def _may_not(self, call: Call, action: TriggerAction) -> Refusal:
        facts = {
            "name": call.trigger.name,
            "action": action.value,
            "actions": ", ".join(call.trigger.actions),
        }
        refused = Refusal(code=Code.TRIGGER_MAY_NOT, facts=facts)
        return self._refused(call, _place_only(call), refused)

    def _refused(self, call: Call, asked: Deploy, refused: Refusal) -> Refusal:
        """Answer a refusal that comes before anything is asked, with its line for the audit log."""
        line = Audited(
            at=self._clock.now(),
            person=call.trigger.name,
            chat=WEBHOOK,
            channel="",
            via=VIA,
            request=unparse(asked),
            outcome=refused.code.value,
            application=call.trigger.application,
            environment=call.trigger.environment,
        )
        call.audited.append(line)
        return refused


def _deploy(call: Call, *, images: dict[str, str]) -> Deploy:
    return Deploy(
        application=call.trigger.application,
        environment=call.trigger.environment,
        images=images,
    )


def _place_only(call: Call) -> Deploy:
    return _deploy(call, images={})


def _as_built(deploy: Deploy, application: Application) -> Deploy:
    """Call images as the application does: a registry may have several names, and a cluster may only reach one."""
    own = {
        each.name: parse_image(str(each.properties["image"]))
        for each in application.components
        if each.name in deploy.images and each.has_image
    }
    named = {
        name: str(
            replace(
                parse_image(image), registry=own[name].registry, repository=own[name].repository
            )
        )
        if name in own
        else image
        for name, image in deploy.images.items()
    }
    return replace(deploy, images=named)


def _nothing(call: Call) -> Refusal:
    facts = {"application": call.trigger.application, "environment": call.trigger.environment}
    return Refusal(code=Code.NOTHING_UNDER_WAY, facts=facts)


def _success(result: Result) -> dict[str, object]:
    """Answer what was done, in the words of KubeVela's answer to a registry."""
    match result:
        case Started():
            again = " again" if result.again else ""
            said = f"{result.run.name} {'waits for its turn' if result.run.waits else 'started'}{again}"
        case Decided():
            said = f"{result.step} of {result.run.name} is {'approved' if result.decision.approved else 'rejected'}"
        case Voted():
            said = f"the yes to {result.step} of {result.run.name} counts: {result.votes} of {result.quorum}"
        case Intervened():
            said = f"{result.run.name} is stopped"
        case _:
            raise ValueError(f"{type(result).__name__} answers no trigger")
    run = run_shape(result.run).model_dump(mode="json")
    return {"state": "success", "description": said, "run": run}
