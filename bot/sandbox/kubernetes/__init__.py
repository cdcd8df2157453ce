"""A Kubernetes API server in a box: what kubectl and the official clients need of one, and no more.

Speaks JSON over HTTP with resourceVersions, watches, server-side apply and tables, and has small controllers
that make workloads come true in time. It schedules on one pretended node and runs no container.
"""
