"""Whatever comes from outside is read or refused, as the reader says, and never ends in anything else.

One module for each kind of neighbour: people who type, Slack, DingTalk, callers over HTTP, files, clusters. Each example is
new, and Hypothesis prints how a failure is repeated. What was found so is kept as an `@example`. `SHIPMATE_FUZZ_EXAMPLES=5000`
looks longer: so many examples of each test instead of a few.
"""
