"""The sandbox's DingTalk, asked over real sockets and by DingTalk's own client."""
