"""Tests: unit tests of the pure core, contracts of the edges, and conversations over real sockets."""
