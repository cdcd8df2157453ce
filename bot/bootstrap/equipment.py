"""What this Shipmate is equipped with: its step types, and the files that are read with them.

Apart from the rest of the composition root, so that looking at files loads no client of Slack's and no cluster's.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.authoring.checks import FileChecks
from bot.catalog.loader import load_catalog
from bot.catalog.model import Catalog
from bot.settings import Secret
from bot.steps.kinds.apply_component import ApplyComponent
from bot.steps.kinds.apply_deployment import ApplyDeployment
from bot.steps.kinds.apply_job import ApplyJob
from bot.steps.kinds.apply_object import ApplyObject
from bot.steps.kinds.apply_terraform_config import ApplyTerraformConfig
from bot.steps.kinds.apply_terraform_provider import ApplyTerraformProvider
from bot.steps.kinds.check_resource_ready import CheckResourceReady
from bot.steps.kinds.clean_jobs import CleanJobs
from bot.steps.kinds.collect_service_endpoints import CollectServiceEndpoints
from bot.steps.kinds.delete_object import DeleteObject
from bot.steps.kinds.depends_on_app import DependsOnApp
from bot.steps.kinds.deploy import Deploy
from bot.steps.kinds.deploy2env import Deploy2Env
from bot.steps.kinds.deploy_cloud_resource import DeployCloudResource
from bot.steps.kinds.export2config import Export2Config
from bot.steps.kinds.export2secret import Export2Secret
from bot.steps.kinds.export_data import ExportData
from bot.steps.kinds.export_service import ExportService
from bot.steps.kinds.garbage_collect import GarbageCollect
from bot.steps.kinds.generate_jdbc_connection import GenerateJdbcConnection
from bot.steps.kinds.notification import Notification
from bot.steps.kinds.older_deliveries import older_deliveries
from bot.steps.kinds.print_message import PrintMessage
from bot.steps.kinds.read_object import ReadObject
from bot.steps.kinds.request import Request
from bot.steps.kinds.restart_workflow import RestartWorkflow
from bot.steps.kinds.share_cloud_resource import ShareCloudResource
from bot.steps.kinds.suspend import Suspend
from bot.steps.kinds.webhook import Webhook
from bot.steps.plugins import installed_types
from bot.steps.registry import StepTypes


def step_types(secrets: Mapping[str, Secret]) -> StepTypes:
    """Make the step types that this Shipmate has: its own, and those that other packages bring.

    Raises UserError when one of those cannot be used.
    """
    reveal = revealing(secrets)
    return StepTypes(
        [
            Deploy2Env(),
            Deploy(),
            ApplyComponent(),
            *older_deliveries(),
            DeployCloudResource(),
            ShareCloudResource(),
            ApplyTerraformConfig(),
            ApplyTerraformProvider(reveal),
            GarbageCollect(),
            Suspend(),
            Notification(reveal),
            Webhook(reveal),
            Request(reveal),
            PrintMessage(),
            RestartWorkflow(),
            ApplyObject(),
            ApplyJob(),
            ApplyDeployment(),
            CheckResourceReady("check-resource-ready"),
            CheckResourceReady("wait"),
            ReadObject(),
            DeleteObject(),
            CleanJobs(),
            CollectServiceEndpoints(),
            DependsOnApp(),
            Export2Config(),
            Export2Secret(reveal),
            ExportData(reveal),
            ExportService(),
            GenerateJdbcConnection(),
            *installed_types(),
        ]
    )


def read_catalog(folder: Path) -> Catalog:
    """Read a folder of workflow files. Raises bot.errors.CatalogError with every mistake."""
    return load_catalog(folder, FileChecks(step_types({})))


def revealing(secrets: Mapping[str, Secret]) -> Callable[[str], str | None]:
    """Answer what reveals one of `secrets` by its name."""

    def reveal(name: str) -> str | None:
        found = secrets.get(name)
        return found.reveal() if found else None

    return reveal
