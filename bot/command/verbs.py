"""The table of verbs: the one place that says what can be asked, in which form.

The grammar, the help, the forms for what is missing and the slash commands all follow from these rows, so
that none of them can be stale. What a verb does is not said here: `dispatch` joins requests to operations.
"""

from dataclasses import replace
from typing import Final

from bot.command.arguments import (
    APP,
    APPLICATION,
    AT,
    CODE,
    ENVIRONMENT,
    GATE,
    NOTE,
    OPTIONAL_REASON,
    PLAN,
    RUN,
    SHOW,
    SHOWN,
)
from bot.command.forms import Argument, Option, Verb
from bot.command.requests import (
    Approve,
    Apps,
    Audit,
    Deploy,
    Diff,
    Doctor,
    Envs,
    Help,
    Lock,
    Logs,
    Pause,
    Promote,
    Reject,
    Replicas,
    Request,
    Restart,
    Resume,
    Retry,
    Revisions,
    Rollback,
    Runs,
    Show,
    Sign,
    Skip,
    Status,
    Stop,
    Unlock,
    WhoAmI,
    Withdraw,
)
from bot.command.values import Kind
from bot.wording import N_

LOOK: Final = N_("Look")
ANSWER: Final = N_("Answer")
CHANGE: Final = N_("Change a run")
ABOUT: Final = N_("You and Shipmate")

VERBS: Final = (
    Verb(
        name="deploy",
        request=Deploy,
        arguments=(
            APPLICATION,
            ENVIRONMENT,
            Argument(field="version", kind=Kind.VERSION, label="[VERSION]"),
            Argument(field="images", kind=Kind.IMAGE, label="[COMPONENT=IMAGE …]"),
        ),
        options=(
            Option(name="commit", field="commit", kind=Kind.COMMIT, label="SHA"),
            *CODE,
            NOTE,
            PLAN,
            replace(SHOW, needs="plan"),
            AT,
        ),
        summary=N_(
            "Run the workflow of an application in an environment. VERSION is the image tag of every "
            "component that the application builds; without it the newest revision is delivered again. "
            "--plan starts nothing and shows what would change in the clusters; --show NAME shows all of one "
            "target, component or object. --at TIME begins later: 18:00, 2026-11-27T18:00 or “in 2h”, in your own "
            "time zone or in one that is named behind it."
        ),
        example="deploy shop prod v1.4.2",
    ),
    Verb(
        name="promote",
        request=Promote,
        arguments=(
            APPLICATION,
            Argument(field="origin", kind=Kind.ENVIRONMENT, label="FROM", required=True),
            replace(ENVIRONMENT, label="TO"),
        ),
        options=(NOTE, PLAN, replace(SHOW, needs="plan"), AT),
        summary=N_(
            "Deliver to TO what FROM runs now: version, images and commit of its newest revision. "
            "--plan starts nothing and shows what would change in the clusters. --at TIME begins later, with "
            "what FROM runs when you ask."
        ),
        example="promote shop staging prod",
    ),
    Verb(
        name="rollback",
        request=Rollback,
        arguments=(
            APPLICATION,
            ENVIRONMENT,
            Argument(field="revision", kind=Kind.REVISION, label="[vN]"),
        ),
        options=(Option(name="confirm", field="confirmed", kind=Kind.DIGEST), NOTE, SHOW),
        summary=N_(
            "Deliver an older revision again, the one before if none is named. Shows what would "
            "change in the clusters and what cannot be undone, and asks first."
        ),
        example="rollback shop prod v3",
    ),
    Verb(
        name="revisions",
        request=Revisions,
        arguments=(APPLICATION, ENVIRONMENT),
        summary=N_("List what was delivered: images, commit, who, when, how long."),
        example="revisions shop prod",
        group=LOOK,
    ),
    Verb(
        name="diff",
        request=Diff,
        arguments=(
            APPLICATION,
            ENVIRONMENT,
            Argument(field="older", kind=Kind.REVISION, label="[vA]"),
            Argument(field="newer", kind=Kind.REVISION, label="[vB]"),
        ),
        options=(
            Option(
                name="live",
                field="live",
                kind=Kind.FLAG,
                excludes=("older", "newer"),
                why_not=N_("--live is about now and takes no revision."),
            ),
            SHOW,
        ),
        summary=N_(
            "Say what changed between two revisions, object by object; with one, between it and the "
            "newest; with none, by the newest. --live says what others have changed in the clusters since "
            "the last delivery."
        ),
        example="diff shop prod v3 v4",
        group=LOOK,
    ),
    Verb(
        name="status",
        request=Status,
        arguments=(
            Argument(field="application", kind=Kind.APPLICATION, label="[APP"),
            Argument(field="environment", kind=Kind.ENVIRONMENT, label="[ENV]]"),
        ),
        summary=N_("Say what is where and what is under way."),
        example="status shop",
        group=LOOK,
    ),
    Verb(
        name="runs",
        request=Runs,
        arguments=(APPLICATION, ENVIRONMENT),
        summary=N_("List the newest runs, whatever became of them."),
        example="runs shop prod",
        group=LOOK,
    ),
    Verb(
        name="show",
        request=Show,
        arguments=(RUN,),
        summary=N_("Show one run."),
        example="show shop/prod#17",
        group=LOOK,
    ),
    Verb(
        name="logs",
        request=Logs,
        arguments=(RUN, Argument(field="step", kind=Kind.STEP, label="[STEP]")),
        summary=N_("Show the last words of what failed in a run, or of one of its steps."),
        example="logs shop/prod#17",
    ),
    Verb(
        name="approve",
        request=Approve,
        arguments=(RUN, OPTIONAL_REASON),
        options=(Option(name="emergency", field="emergency", kind=Kind.FLAG), *GATE, SHOWN),
        summary=N_(
            "Say yes where a run waits for an approval. --emergency opens it alone, for the reason given: who "
            "may is up to the environment, everyone is told, and someone else has to sign it afterwards."
        ),
        example="approve shop/prod#17",
        group=ANSWER,
    ),
    Verb(
        name="reject",
        request=Reject,
        arguments=(RUN, Argument(field="reason", kind=Kind.TEXT, label="REASON")),
        options=(*GATE, SHOWN),
        summary=N_("Say no where a run waits for an approval, and why."),
        example="reject shop/prod#17 the load test is not done",
        group=ANSWER,
    ),
    Verb(
        name="withdraw",
        request=Withdraw,
        arguments=(RUN,),
        options=GATE,
        summary=N_("Take your yes back, while others still have to say theirs."),
        example="withdraw shop/prod#17",
    ),
    Verb(
        name="sign",
        request=Sign,
        arguments=(RUN, Argument(field="note", kind=Kind.TEXT, label="[NOTE]")),
        options=GATE,
        summary=N_(
            "Say that you have looked at an approval that was given in an emergency. Not by who gave it."
        ),
        example="sign shop/prod#17 the fix was right",
    ),
    Verb(
        name="stop",
        request=Stop,
        arguments=(RUN, OPTIONAL_REASON),
        summary=N_("End a run now, a running step too."),
        example="stop shop/prod#17",
        group=CHANGE,
    ),
    Verb(
        name="retry",
        request=Retry,
        arguments=(RUN, Argument(field="step", kind=Kind.STEP, label="[STEP]")),
        summary=N_(
            "Go on with a failed run from the step that failed; while a step waits for its next try, try now."
        ),
        example="retry shop/prod#17",
        group=CHANGE,
    ),
    Verb(
        name="restart",
        request=Restart,
        arguments=(RUN,),
        summary=N_("Do all steps of a run again."),
        example="restart shop/prod#17",
        group=CHANGE,
    ),
    Verb(
        name="skip",
        request=Skip,
        arguments=(
            RUN,
            Argument(field="step", kind=Kind.STEP, label="STEP", required=True),
            Argument(field="reason", kind=Kind.TEXT, label="REASON"),
        ),
        summary=N_(
            "Pass a step over that failed, runs or is still to come, and go on without it. A step that "
            "waits for an approval has to be answered instead."
        ),
        example="skip shop/prod#17 release-notes the calendar is down",
        group=CHANGE,
    ),
    Verb(
        name="pause",
        request=Pause,
        arguments=(RUN, OPTIONAL_REASON),
        summary=N_("Let a run stand still: no step begins until someone resumes it."),
        example="pause shop/prod#17 we look at the error rate",
        group=CHANGE,
    ),
    Verb(
        name="resume",
        request=Resume,
        arguments=(RUN, Argument(field="step", kind=Kind.STEP, label="[STEP]")),
        summary=N_("Let a paused run go on. Where it waits for an approval, that is a yes."),
        example="resume shop/prod#17",
        group=CHANGE,
    ),
    Verb(
        name="lock",
        request=Lock,
        arguments=(
            ENVIRONMENT,
            Argument(field="reason", kind=Kind.TEXT, label="REASON", required=True),
        ),
        options=(
            APP,
            Option(name="for", field="lasting", kind=Kind.TIME, label="TIME"),
            Option(name="version", field="version", kind=Kind.VERSION, label="V"),
        ),
        summary=N_(
            "Let nobody deploy, roll back or approve in an environment, or for one application there, until "
            "you unlock it or TIME is over: 30m, 2h, 3d. With --version you may still deliver exactly that "
            "version. Again, it changes the reason and the end."
        ),
        example="lock prod the database moves --for 2h",
    ),
    Verb(
        name="unlock",
        request=Unlock,
        arguments=(ENVIRONMENT,),
        options=(APP,),
        summary=N_("Lift a lock. Who set it may, and approvers and administrators."),
        example="unlock prod",
    ),
    Verb(
        name="audit",
        request=Audit,
        arguments=(
            Argument(field="application", kind=Kind.APPLICATION, label="[APP"),
            Argument(field="environment", kind=Kind.ENVIRONMENT, label="[ENV]]"),
        ),
        options=(
            Option(name="person", field="person", kind=Kind.PERSON, label="NAME"),
            Option(name="since", field="since", kind=Kind.SINCE, label="TIME"),
        ),
        summary=N_(
            "List who asked for what, and what was answered: the newest first, since a while ago (2h, 3d) or a "
            "day (2026-11-20). For administrators and the auditors of an environment."
        ),
        example="audit shop prod --since 2d",
    ),
    Verb(
        name="doctor",
        request=Doctor,
        summary=N_(
            "Try out everything that is configured, and say what is wrong and how to mend it: chats, scopes, "
            "channels, what notices are sent to, clusters, the database, the clock. Nothing is posted or changed. For "
            "administrators."
        ),
        example="doctor",
        group=LOOK,
    ),
    Verb(
        name="apps",
        request=Apps,
        summary=N_("List the applications."),
        example="apps",
        group=LOOK,
    ),
    Verb(
        name="envs",
        request=Envs,
        summary=N_("List the environments, and who may deploy and approve there."),
        example="envs",
        group=LOOK,
    ),
    Verb(
        name="replicas",
        request=Replicas,
        summary=N_(
            "List the processes of Shipmate: since when, which version, which of them leads, and when each was "
            "last heard of."
        ),
        example="replicas",
        group=LOOK,
    ),
    Verb(
        name="whoami",
        request=WhoAmI,
        summary=N_("Say who you are to Shipmate and what you may do."),
        example="whoami",
        group=ABOUT,
    ),
    Verb(
        name="help",
        request=Help,
        arguments=(Argument(field="verb", kind=Kind.VERB, label="[VERB]"),),
        summary=N_("Explain all verbs, or one."),
        example="help deploy",
        group=ABOUT,
    ),
)

SLASH_VERBS: Final = ("deploy", "rollback", "revisions")
"""Verbs that are slash commands of their own; every verb is one of `/shipmate`."""


def find(name: str) -> Verb | None:
    """Find the row of a verb by its name."""
    return next((each for each in VERBS if each.name == name), None)


def verb_of(request: Request) -> Verb:
    """Find the row that makes requests of this type."""
    return next(each for each in VERBS if each.request is type(request))
