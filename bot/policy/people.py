"""Who an asker is: a chat's own stable id or its verified email, looked up in the catalog.

A display name is never an identity: anyone may call themselves anything. A person whose id the catalog
gives is known by that id alone, so that an account elsewhere with the same email is somebody else.
"""

from collections.abc import Collection

from bot.catalog.model import Catalog, Person
from bot.policy.decisions import ADMIN
from bot.policy.refusals import Code, Refusal
from bot.run.origin import API, BY_TOKEN


def identify(catalog: Catalog, *, chat: str, identity: str, email: str) -> Person | None:
    """Find the person behind `identity`, the stable user id in `chat` (`slack`, `dingtalk`).

    `email` is what the chat has verified, or empty. None when nobody or more than one person fits. A token is its owner's,
    who is called by the name in the files.
    """
    if chat in BY_TOKEN:
        found = catalog.people.get(identity)
        return found if found is None or chat == API or found.machine else None
    return among(catalog.people.values(), chat=chat, identity=identity, email=email)


def among(people: Collection[Person], *, chat: str, identity: str, email: str) -> Person | None:
    """Find one of `people`, as `identify` does."""
    if identity:
        found = [each for each in people if _id_in(each, chat) == identity]
        if found:
            return found[0] if len(found) == 1 else None
    if not email:
        return None
    wanted = email.casefold()
    found = [
        each for each in people if each.email.casefold() == wanted and _id_in(each, chat) is None
    ]
    return found[0] if len(found) == 1 else None


def unknown_person(catalog: Catalog, *, chat: str, identity: str, email: str) -> Refusal:
    """Refuse someone whom the catalog does not know; the administrators could add them."""
    return Refusal(
        code=Code.UNKNOWN_PERSON,
        facts={"identity": identity, "email": email, "chat": chat},
        who=tuple(each.name for each in catalog.with_role((ADMIN,))),
    )


def gone(catalog: Catalog, name: str) -> Refusal:
    """Refuse what someone asked for whom the catalog knows no more; the administrators could add them."""
    return Refusal(
        code=Code.PERSON_GONE,
        facts={"name": name},
        who=tuple(each.name for each in catalog.with_role((ADMIN,))),
    )


def _id_in(person: Person, chat: str) -> str | None:
    return {"slack": person.slack_id, "dingtalk": person.dingtalk_id}.get(chat)
