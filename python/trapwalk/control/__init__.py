"""Parts of `trapwalk.Session`: the worker process, what it answers, and what can be reached through it."""
