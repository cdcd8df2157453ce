"""The tables, as SQLAlchemy Core sees them. Their history is in `migrations`; a test holds the two together.

A run is two documents: the plan, written once, and the state, written at each change. Its steps are part of
the state: a transition touches one row instead of several, and nobody asks for a step without its run.
"""

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("application", String(253), nullable=False),
    Column("environment", String(253), nullable=False),
    Column("number", Integer, nullable=False),
    Column("phase", String(20), nullable=False),
    Column("ended", Integer, nullable=False),
    Column("begun", Integer, nullable=False, server_default="1"),
    Column("scheduled", Integer, nullable=False, server_default="0"),
    Column("unsigned", Integer, nullable=False, server_default="0"),
    Column("busy", Integer, nullable=False, server_default="1"),
    Column("wake", Float),
    Column("created", Float, nullable=False),
    Column("version", Integer, nullable=False),
    Column("request", String(255), nullable=False, server_default=""),
    Column("plan", Text, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("application", "environment", "number", name="one_number_each"),
)
Index(
    "one_run_under_way",
    runs.c.application,
    runs.c.environment,
    unique=True,
    sqlite_where=text("ended = 0 AND begun = 1"),
    postgresql_where=text("ended = 0 AND begun = 1"),
)
Index(
    "unfinished_runs",
    runs.c.application,
    runs.c.environment,
    sqlite_where=text("ended = 0"),
    postgresql_where=text("ended = 0"),
)
Index("runs_by_request", runs.c.request)
Index("runs_by_age", runs.c.created, runs.c.number)
Index(
    "runs_to_begin_anew",
    runs.c.id,
    sqlite_where=text("scheduled = 1"),
    postgresql_where=text("scheduled = 1"),
)

Index(
    "runs_to_sign",
    runs.c.id,
    sqlite_where=text("unsigned > 0"),
    postgresql_where=text("unsigned > 0"),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("run", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("announced", Integer, nullable=False, server_default="0"),
    UniqueConstraint("run", "number", name="one_event_a_number"),
    sqlite_autoincrement=True,
)
Index(
    "events_to_announce",
    events.c.sequence,
    sqlite_where=text("announced = 0"),
    postgresql_where=text("announced = 0"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("application", String(253), primary_key=True),
    Column("environment", String(253), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
Index("revisions_of_run", revisions.c.run)

inbox = Table(
    "inbox",
    metadata,
    Column("id", String(255), primary_key=True),
    Column("received_at", Float, nullable=False),
    Column("body", Text, nullable=False),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("way", Text, nullable=False, server_default=""),
)
Index(
    "inbox_unanswered",
    inbox.c.received_at,
    sqlite_where=text("done = 0"),
    postgresql_where=text("done = 0"),
)
Index(
    "inbox_answered",
    inbox.c.received_at,
    inbox.c.id,
    sqlite_where=text("done = 1"),
    postgresql_where=text("done = 1"),
)

messages = Table(
    "messages",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("key", String(255), nullable=False, unique=True),
    Column("run", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("wanted", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index("messages_of_run", messages.c.run)
Index(
    "messages_to_show",
    messages.c.sequence,
    sqlite_where=text("state IN ('waiting', 'posting')"),
    postgresql_where=text("state IN ('waiting', 'posting')"),
)

homes = Table(
    "homes",
    metadata,
    Column("chat", String(40), primary_key=True),
    Column("identity", String(255), primary_key=True),
    Column("email", String(255), nullable=False),
    Column("opened", Float, nullable=False),
)

robots = Table(
    "robots",
    metadata,
    Column("robot", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)

inventory = Table(
    "inventory",
    metadata,
    Column("application", String(253), primary_key=True),
    Column("environment", String(253), primary_key=True),
    Column("cluster", String(253), primary_key=True),
    Column("api_group", String(253), primary_key=True),
    Column("kind", String(253), primary_key=True),
    Column("namespace", String(253), primary_key=True),
    Column("name", String(253), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("body", Text, nullable=False),
)
Index(
    "owners_of_objects",
    inventory.c.cluster,
    inventory.c.api_group,
    inventory.c.kind,
    inventory.c.namespace,
    inventory.c.name,
)

finished_jobs = Table(
    "finished_jobs",
    metadata,
    Column("application", String(253), primary_key=True),
    Column("environment", String(253), primary_key=True),
    Column("cluster", String(253), primary_key=True),
    Column("namespace", String(253), primary_key=True),
    Column("name", String(253), primary_key=True),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("target", String(253), primary_key=True),
    Column("component", String(253), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("body", Text, nullable=False),
    Column("at", Float, nullable=False, server_default="0"),
    Column("person", String(255), nullable=False, server_default=""),
    Column("application", String(253), nullable=False, server_default=""),
    Column("environment", String(253), nullable=False, server_default=""),
    sqlite_autoincrement=True,
)
Index("audit_of_a_place", audit.c.environment, audit.c.sequence)

locks = Table(
    "locks",
    metadata,
    Column("environment", String(253), primary_key=True),
    Column("application", String(253), primary_key=True),
    Column("body", Text, nullable=False),
)

lock_changes = Table(
    "lock_changes",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("request", String(255), unique=True),
    Column("announced", Integer, nullable=False, server_default="0"),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)
Index(
    "lock_changes_to_announce",
    lock_changes.c.number,
    sqlite_where=text("announced = 0"),
    postgresql_where=text("announced = 0"),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("token", Integer, nullable=False),
    Column("expires", Float, nullable=False),
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("version", String(40), nullable=False),
    Column("started", Float, nullable=False),
    Column("seen", Float, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("owner", String(253), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float),
)
Index("tokens_of_owner", tokens.c.kind, tokens.c.owner)

http_requests = Table(
    "http_requests",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("received_at", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("status", Integer, nullable=False, server_default="0"),
    Column("answer", Text, nullable=False, server_default=""),
    Column("begun", Integer, nullable=False, server_default="0"),
)
Index("http_requests_expired", http_requests.c.expires)
Index(
    "http_requests_unanswered",
    http_requests.c.received_at,
    sqlite_where=text("status = 0 AND body <> ''"),
    postgresql_where=text("status = 0 AND body <> ''"),
)
