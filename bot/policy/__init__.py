"""Who may do what, where and when: pure decisions over values, answered with reason codes."""
