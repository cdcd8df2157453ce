"""What can be delivered, where and by whom: the YAML of workflows/, validated."""
