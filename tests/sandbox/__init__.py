"""The world in a box, judged by the tools that people use on the real one."""
