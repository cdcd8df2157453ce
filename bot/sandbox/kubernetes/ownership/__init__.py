"""Who owns which field: the account behind `metadata.managedFields`, and server-side apply, which is made of it.

The rules are those of kubernetes-sigs/structured-merge-diff, which the real API server follows. Pure: values in,
values out, by the shape of their kind.
"""
