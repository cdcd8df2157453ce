"""What registries send, in the forms that they document, about one image of one company."""

from typing import Any

REPOSITORY = "registry.shop.example/api"

DOCKER_HUB: dict[str, Any] = {
    "callback_url": "https://registry.hub.docker.com/u/acme/api/hook/2141b5bi5i5b02bec211i4eeih0242eg11000a/",
    "push_data": {"images": [], "pushed_at": 1763640000, "pusher": "acme", "tag": "2.4.1"},
    "repository": {
        "comment_count": 0,
        "date_created": 1690000000,
        "description": "",
        "dockerfile": "",
        "full_description": "",
        "is_official": False,
        "is_private": True,
        "is_trusted": False,
        "name": "api",
        "namespace": "acme",
        "owner": "acme",
        "repo_name": "acme/api",
        "repo_url": "https://hub.docker.com/r/acme/api",
        "star_count": 0,
        "status": "Active",
    },
}
HARBOR: dict[str, Any] = {
    "type": "PUSH_ARTIFACT",
    "occur_at": 1763640000,
    "operator": "robot$ci",
    "event_data": {
        "resources": [
            {"digest": "sha256:aa", "tag": "2.4.1", "resource_url": f"{REPOSITORY}:2.4.1"}
        ],
        "repository": {
            "date_created": 1690000000,
            "name": "api",
            "namespace": "shop",
            "repo_full_name": "shop/api",
            "repo_type": "private",
        },
    },
}
ACR: dict[str, Any] = {
    "push_data": {"digest": "sha256:bb", "pushed_at": "2026-11-20 10:20:30", "tag": "2.4.1"},
    "repository": {
        "date_created": "2025-12-01 08:00:00",
        "name": "api",
        "namespace": "shop",
        "region": "cn-hangzhou",
        "repo_authentication_type": "NO_CERTIFIED",
        "repo_full_name": "shop/api",
        "repo_origin_type": "NO_CERTIFIED",
        "repo_type": "PUBLIC",
    },
}
JFROG: dict[str, Any] = {
    "domain": "docker",
    "event_type": "pushed",
    "data": {
        "image_name": "api",
        "name": "manifest.json",
        "path": "shop/api/2.4.1/manifest.json",
        "repo_key": "docker-local",
        "sha256": "cc",
        "tag": "2.4.1",
    },
}
CUSTOM: dict[str, Any] = {
    "action": "execute",
    "upgrade": {"api": {"image": f"{REPOSITORY}:2.4.1"}},
    "codeInfo": {
        "commit": "4be1c0a9d27f",
        "branch": "main",
        "user": "li",
        "message": "Fix the basket\n\nIt forgot what was in it.",
    },
}
