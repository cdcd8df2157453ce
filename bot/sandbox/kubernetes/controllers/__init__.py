"""The small controllers that make workloads come true in time.

Each is a function from one object to what has to change, called when something it depends on has changed or
a time has come; none looks at everything again and again.
"""
