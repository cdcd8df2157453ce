"""The sandbox's DingTalk: what it answers, what it refuses, and what DingTalk's own client makes of it."""
