"""What is asked before something happens, where a chat has no dialogs for that."""

from bot.chat.message import Actions, Bold, Button, ButtonStyle, Icon, Message, Text


def sure(typed: str, command: str, cancel: str) -> Message:
    """Ask whether `command` is meant, which a person would write as `typed`; `cancel` is the command of a no."""
    return Message(
        summary="Do you mean it?",
        blocks=(
            Text(lines=((Icon("warning"), " ", Bold(typed)),)),
            Actions(
                buttons=(
                    Button(
                        action="sure",
                        label="Yes",
                        command=command,
                        style=ButtonStyle.DANGER,
                        described=f"Do: {typed}",
                    ),
                    Button(action="cancel", label="No", command=cancel, described="Change nothing"),
                )
            ),
        ),
    )
