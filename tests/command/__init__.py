"""Tests of bot.command."""
