"""Tests of bot.workflow."""
