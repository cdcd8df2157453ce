"""Objects first: what several components share is there before them, is changed with them, and goes when its step goes."""

from tests.scenarios.initialization.conftest import DEV, Shop

APPLICATION = """\
apiVersion: core.oam.dev/v1beta1
kind: Application
metadata: {name: shop}
spec:
  components:
    - name: writer
      type: worker
      properties:
        image: registry.shop.example/writer
        volumeMounts:
          pvc: [{name: shared, mountPath: /data, claimName: my-claim}]
          configMap: [{name: settings, mountPath: /etc/settings, cmName: my-cm}]
    - name: reader
      type: worker
      properties:
        image: registry.shop.example/reader
        volumeMounts:
          pvc: [{name: shared, mountPath: /data, claimName: my-claim}]
"""
CLAIM = """
- name: claim
  type: apply-object
  properties:
    value:
      apiVersion: v1
      kind: PersistentVolumeClaim
      metadata: {name: my-claim}
      spec:
        accessModes: [ReadWriteMany]
        resources: {requests: {storage: 8Gi}}
"""
SETTINGS = """
- name: settings
  type: apply-object
  properties:
    value:
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: my-cm}
      data: {version: "${{ context.version }}"}
"""
ALL = "- {name: all, type: apply-remaining}\n"
WITHOUT_WRITER = "- {name: all, type: apply-remaining, properties: {exceptions: [writer]}}\n"
CONFIG_MAPS = "/api/v1/configmaps"


async def test_a_claim_and_a_config_map_are_there_before_those_that_share_them(
    shop: Shop,
) -> None:
    shop.workflow(CLAIM + SETTINGS + ALL, application=APPLICATION)
    await shop.start_bot()

    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)
    assert await shop.names("PersistentVolumeClaim") == ["my-claim"]
    assert sorted(await shop.names("Deployment")) == ["reader", "writer"]
    assert (await shop.objects(CONFIG_MAPS))["my-cm"]["data"] == {"version": "v1"}

    await shop.says("dev", "/deploy shop dev v2", channel=DEV)
    await shop.card("shop/dev#2", says="revision v2", channel=DEV)
    assert (await shop.objects(CONFIG_MAPS))["my-cm"]["data"] == {"version": "v2"}

    await shop.rolls_back("/rollback shop dev v1")
    await shop.card("shop/dev#3", says="revision v3", channel=DEV)
    assert (await shop.objects(CONFIG_MAPS))["my-cm"]["data"] == {"version": "v1"}


async def test_what_a_step_made_goes_when_the_step_goes_and_a_claim_stays(shop: Shop) -> None:
    shop.workflow(CLAIM + SETTINGS + ALL, application=APPLICATION)
    await shop.start_bot()
    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)

    shop.workflow(WITHOUT_WRITER)
    await shop.says("dev", "/deploy shop dev v2", channel=DEV)
    await shop.card("shop/dev#2", says="revision v2", channel=DEV)

    assert "my-cm" not in await shop.objects(CONFIG_MAPS)
    assert await shop.names("PersistentVolumeClaim") == ["my-claim"]  # nothing brings its data back
    assert await shop.names("Deployment") == ["reader"]


async def test_what_somebody_else_owns_is_left_and_the_run_says_whose_it_is(shop: Shop) -> None:
    shop.workflow(CLAIM + SETTINGS + ALL, application=APPLICATION)
    await shop.start_bot()
    await shop.says("dev", "/deploy shop dev v1", channel=DEV)
    await shop.card("shop/dev#1", says="revision v1", channel=DEV)
    made = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "my-cm"}}
    path = f"/api/v1/namespaces/{DEV}/configmaps"
    await shop.somebody.applies(path, {**made, "data": {"version": "mine"}})

    await shop.says("dev", "/deploy shop dev v2", channel=DEV)
    card = await shop.card("shop/dev#2", says="Failed", channel=DEV)

    assert "kubectl" in shop.read(card)
    assert (await shop.objects(CONFIG_MAPS))["my-cm"]["data"] == {"version": "mine"}
