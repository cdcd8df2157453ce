"""DingTalk: the Stream client, rendering and the OpenAPI, and nothing that decides."""
